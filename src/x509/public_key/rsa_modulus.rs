//! An RSA modulus, tried by the three methods that find the factors of a badly made one.

use rsa::BoxedUint;

/// The product of two primes, we hope.
pub(super) struct Modulus<'a> {
    bytes: &'a [u8],
}

impl<'a> Modulus<'a> {
    /// From big-endian bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The smallest prime up to 751 that divides it; 2 for an even one.
    pub(super) fn small_factor(&self) -> Option<u64> {
        (2..=751).filter(|number| is_prime(*number)).find(|prime| self.remainder(*prime) == 0)
    }

    /// Whether it is of the form that the generator of CVE-2017-15361 makes: a power of 65537 modulo each of these primes.
    ///
    /// One sound modulus in 2^27 is taken for such a one.
    pub(super) fn has_roca_mark(&self) -> bool {
        ROCA_PRIMES.iter().all(|prime| is_power_of_65537(self.remainder(*prime), *prime))
    }

    /// In how many rounds Fermat's method finds two factors, if in so few.
    pub(super) fn fermat_rounds(&self, limit: u32) -> Option<u32> {
        // Room for the carry of the squares.
        let precision = u32::try_from(self.bytes.len() * 8).ok()? + 64;
        let number = BoxedUint::from_be_slice(self.bytes, precision).ok()?;
        let one = BoxedUint::one_with_precision(precision);
        let mut root = number.floor_sqrt_vartime();
        if root.wrapping_square() == number {
            return Some(1);
        }
        root = root.wrapping_add(&one);
        let mut rest = root.wrapping_square().wrapping_sub(&number);
        for round in 1..=limit {
            if is_square(&rest) {
                return Some(round);
            }
            // (a + 1)² − n = a² − n + 2a + 1
            let step = root.wrapping_add(&root).wrapping_add(&one);
            rest = rest.wrapping_add(&step);
            root = root.wrapping_add(&one);
        }
        None
    }

    fn remainder(&self, divisor: u64) -> u64 {
        remainder(self.bytes, divisor)
    }
}

fn remainder(bytes: &[u8], divisor: u64) -> u64 {
    bytes.iter().fold(0, |remainder, byte| (remainder * 256 + u64::from(*byte)) % divisor)
}

fn is_prime(number: u64) -> bool {
    (2..number).take_while(|divisor| divisor * divisor <= number).all(|divisor| !number.is_multiple_of(divisor))
}

fn is_power_of_65537(residue: u64, prime: u64) -> bool {
    let generator = 65537 % prime;
    let mut power = 1;
    loop {
        if power == residue {
            return true;
        }
        power = power * generator % prime;
        if power == 1 {
            return false;
        }
    }
}

fn is_square(number: &BoxedUint) -> bool {
    let bytes = number.to_be_bytes();
    // Most numbers are no square modulo one of these, which is cheaper to see than their root.
    let may_be_square = [64_u64, 63, 65, 11, 17, 19].iter().all(|modulus| {
        let residue = remainder(&bytes, *modulus);
        (0..*modulus).any(|root| root * root % modulus == residue)
    });
    if !may_be_square {
        return false;
    }
    let root = number.floor_sqrt_vartime();
    root.wrapping_square() == *number
}

/// The primes modulo which the powers of 65537 are few (Nemec et al., "The Return of Coppersmith's Attack", 2017).
const ROCA_PRIMES: [u64; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
