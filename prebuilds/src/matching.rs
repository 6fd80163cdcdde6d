//! Which preset a request means when it names none (S11).

use std::collections::BTreeMap;

/// The preset all of whose parameters the request gives with the same values; the one with the most parameters
/// wins, of equals the first. A preset without parameters matches everything.
pub fn best_match<P>(
    presets: impl IntoIterator<Item = (P, BTreeMap<String, String>)>,
    provided: &BTreeMap<String, String>,
) -> Option<P> {
    let matching = presets
        .into_iter()
        .filter(|(_, parameters)| parameters.iter().all(|(name, value)| provided.get(name) == Some(value)));
    let best = matching.reduce(|best, other| if other.1.len() > best.1.len() { other } else { best });
    best.map(|(preset, _)| preset)
}
