//! A scenario of `hearth simulate`: whatever the bytes are, they are simulated or refused, within bounds.
#![no_main]

use hearth_prebuilds::simulate::{Scenario, simulate_within};
use libfuzzer_sys::fuzz_target;

/// Few, so that many scenarios are tried.
const MOST_STEPS: u64 = 200_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(scenario) = Scenario::read(bytes) else { return };
    let written = serde_json::to_vec(&scenario).expect("a scenario can be written");
    assert_eq!(Scenario::read(&written).as_ref(), Ok(&scenario));
    if let Ok(outcome) = simulate_within(&scenario, MOST_STEPS) {
        assert_eq!(outcome.hits + outcome.misses, outcome.requests);
        assert!(outcome.series.len() <= 400);
        assert!(serde_json::to_string(&outcome).is_ok());
    }
});
