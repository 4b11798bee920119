//! Several processors at one long list: the order of the answers is that of the questions.

use std::{num::NonZeroUsize, thread};

/// Does `work` on every item, shared among the processors where the list is long enough to be worth it.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if processors == 1 || items.len() < WORTH_SHARING {
        return items.into_iter().map(work).collect();
    }
    let share = items.len().div_ceil(processors);
    let mut shares: Vec<Vec<T>> = Vec::with_capacity(processors);
    let mut items = items.into_iter();
    loop {
        let next: Vec<T> = items.by_ref().take(share).collect();
        if next.is_empty() {
            break;
        }
        shares.push(next);
    }
    thread::scope(|scope| {
        let work = &work;
        let handles: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<R>>()))
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Below this, starting a thread costs more than it saves.
const WORTH_SHARING: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_keep_the_order_of_the_questions() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let doubled = map((0..length).collect(), |number: usize| number * 2);
            assert_eq!(doubled, (0..length).map(|number| number * 2).collect::<Vec<_>>());
        }
    }
}
