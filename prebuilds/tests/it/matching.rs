use std::collections::BTreeMap;

use hearth_prebuilds::best_match;

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_request_without_a_preset_gets_the_one_with_the_most_matching_parameters() {
    let presets = || {
        [
            ("any", parameters(&[])),
            ("eu", parameters(&[("region", "eu")])),
            ("large", parameters(&[("region", "eu"), ("cpu", "8")])),
            ("us", parameters(&[("region", "us")])),
            ("twin", parameters(&[("cpu", "8"), ("region", "eu")])),
        ]
    };
    let table = [
        (
            "the largest subset wins, of equals the first",
            vec![("region", "eu"), ("cpu", "8"), ("x", "y")],
            Some("large"),
        ),
        ("every parameter of the preset must be given", vec![("region", "eu")], Some("eu")),
        ("the values must be the same", vec![("region", "asia"), ("cpu", "8")], Some("any")),
        ("a preset without parameters matches everything", vec![], Some("any")),
    ];
    for (case, provided, expected) in table {
        assert_eq!(best_match(presets(), &parameters(&provided)), expected, "{case}");
    }
    let only_us = presets().into_iter().filter(|(name, _)| *name == "us");
    assert_eq!(best_match(only_us, &parameters(&[("region", "eu")])), None);
}
