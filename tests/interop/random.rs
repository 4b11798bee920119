//! Randomness that can be had again: `SplitMix64`, seeded by `HUBCA_TEST_SEED` or a constant, and printed.

pub(crate) struct Random(u64);

impl Random {
    /// The seed of this run, said aloud so that a failure can be had again.
    pub(crate) fn of_this_run(purpose: &str) -> Self {
        let seed = std::env::var("HUBCA_TEST_SEED")
            .map_or(20_261_121, |text| text.parse().expect("HUBCA_TEST_SEED is a number"));
        eprintln!("{purpose}: HUBCA_TEST_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// True once in `odds`.
    pub(crate) fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }
}
