//! Names for workspaces that nobody has named: `brave-otter-31`.

use rand::{Rng, RngExt, seq::IndexedRandom};

const QUALITIES: [&str; 64] = [
    "able", "agile", "amber", "ample", "apt", "bold", "brave", "bright", "brisk", "calm", "candid", "cheery",
    "civil", "clear", "clever", "cosmic", "cosy", "crisp", "daring", "deft", "eager", "early", "fair",
    "fleet", "fond", "frank", "free", "fresh", "gentle", "glad", "golden", "grand", "happy", "hardy",
    "honest", "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "merry",
    "mild", "neat", "nimble", "noble", "plain", "polite", "proud", "quick", "quiet", "rapid", "ready",
    "silver", "solid", "steady", "sunny", "swift", "tidy", "warm", "wise",
];

const ANIMALS: [&str; 64] = [
    "badger", "beaver", "bison", "bittern", "bobcat", "buzzard", "camel", "caribou", "condor", "coyote",
    "crane", "curlew", "dingo", "dipper", "dolphin", "dove", "eagle", "egret", "falcon", "ferret", "finch",
    "fox", "gannet", "gazelle", "gecko", "gibbon", "goose", "grebe", "grouse", "hare", "hawk", "heron",
    "hoopoe", "ibex", "ibis", "jackal", "jay", "kestrel", "kite", "koala", "lark", "lemur", "linnet",
    "llama", "lynx", "magpie", "marmot", "marten", "merlin", "moose", "newt", "osprey", "otter", "owl",
    "panda", "plover", "puffin", "raven", "robin", "stoat", "swan", "tapir", "wombat", "wren",
];

/// One of about 370,000 names. Uniqueness is the database's: whoever inserts tries again with another.
pub fn suggest(rng: &mut impl Rng) -> String {
    let quality = QUALITIES.choose(rng).copied().unwrap_or("brave");
    let animal = ANIMALS.choose(rng).copied().unwrap_or("otter");
    format!("{quality}-{animal}-{}", rng.random_range(10..100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_is_a_valid_one() {
        let mut rng = rand::rng();
        for _ in 0..1000 {
            let name = suggest(&mut rng);
            assert!(crate::names::check("name", &name).is_ok(), "{name}");
        }
    }
}
