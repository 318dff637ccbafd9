//! Numbers that look random and are the same for the same seed.

/// SplitMix64 (Steele, Lea, Flood 2014): spreads a seed over 64 bits.
pub fn spread(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `end`, which is not 0.
pub fn up_to(seed: u64, end: u64) -> u64 {
    spread(seed) % end
}

/// A number from `-amplitude` to `amplitude`.
pub fn around(seed: u64, amplitude: u32) -> i64 {
    up_to(seed, 2 * u64::from(amplitude) + 1) as i64 - i64::from(amplitude)
}

/// A seed made of text (FNV-1a).
pub fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_in_its_range_and_repeats() {
        let numbers: Vec<i64> = (0..1000).map(|n| around(n, 900)).collect();
        assert!(numbers.iter().all(|n| (-900..=900).contains(n)));
        assert!(numbers.iter().any(|n| *n < -600) && numbers.iter().any(|n| *n > 600));
        assert_eq!(around(5, 900), numbers[5]);
        assert_ne!(seed("CP1"), seed("CP2"));
    }
}
