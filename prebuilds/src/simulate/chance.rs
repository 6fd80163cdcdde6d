//! Chance, from a seed. Demand, builds and waits each draw from a stream of their own, so that two scenarios which
//! differ in the pool's settings alone see the very same people arrive.

use rand_pcg::{
    Pcg64,
    rand_core::{Rng, SeedableRng},
};

use super::{check::LONGEST_SECONDS, scenario::Spread};

/// What is drawn from a stream.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    Demand,
    Builds,
    Waits,
}

pub(super) struct Chance(Pcg64);

impl Chance {
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        let seed = seed.wrapping_mul(3).wrapping_add(stream as u64);
        Self(Pcg64::seed_from_u64(seed))
    }

    /// From 0 to 1, 1 excluded.
    fn unit(&mut self) -> f64 {
        const BITS: u32 = f64::MANTISSA_DIGITS;
        (self.0.next_u64() >> (u64::BITS - BITS)) as f64 / (1_u64 << BITS) as f64
    }

    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// With a mean of 1: the gap between two of many independent events.
    pub(super) fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    pub(super) fn seconds(&mut self, spread: &Spread) -> f64 {
        match spread {
            Spread::Fixed(seconds) => *seconds,
            Spread::Samples(samples) => {
                let position = (self.unit() * samples.len() as f64) as usize;
                samples.get(position).copied().unwrap_or(LONGEST_SECONDS)
            }
            Spread::Percentiles { p50, p95 } => {
                /// How many standard deviations above the mean 95 of 100 stay below.
                const P95: f64 = 1.644_853_626_951_472_2;
                let sigma = (p95 / p50).ln() / P95;
                (p50 * (sigma * self.normal()).exp()).min(LONGEST_SECONDS)
            }
        }
    }

    /// Box and Muller's way to a standard normal number.
    fn normal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}
