//! Looking ahead to what ends soon.

use std::fmt::Write as _;

use super::{GRANTS, THINGS, check, clean, write};

/// Evidence that lapses and a permission that ends, ten and sixty days after the day of the check.
fn ending(folder: &std::path::Path) {
    let things = format!(
        "{THINGS}  - {{id: trained, check: evidence, processors: lab, kinds: [training], clause: P-3, severity: warning}}\n\
         evidence: [{{id: ev, processor: lab, kind: training, from: 2024-01-01T00:00:00Z, until: 2025-06-11T00:00:00Z}}]\n"
    );
    let grants = GRANTS.replace(
        "purposes: [rating], from: 2024-01-01T00:00:00Z}",
        "purposes: [rating], from: 2024-01-01T00:00:00Z, until: 2025-07-31T00:00:00Z}",
    );
    assert_ne!(grants, GRANTS);
    write(
        folder,
        &[("privacy/things.yaml", &things), ("privacy/grants.yaml", &grants)],
    );
}

#[test]
fn the_day_before_an_end_is_judged_too() {
    let folder = clean();
    ending(folder.path());
    assert_eq!(check(folder.path(), &["--horizon", "0d"]).code, 0);
    assert_eq!(
        check(folder.path(), &["--horizon", "59d"]).code,
        0,
        "nothing ends within 59 days that makes a day to judge"
    );
    let run = check(folder.path(), &["--horizon", "60d", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.out);
    let found = run.fresh();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["reason"], "lapsed:training");
    assert_eq!(
        found[0]["at"], "2025-07-30T00:00:00+00:00",
        "the day before the permission ends"
    );
    assert_eq!(run.json()["horizon"], "2025-07-31T00:00:00+00:00");
    assert_eq!(check(folder.path(), &[]).code, 1, "a folder looks 90 days ahead");
}

#[test]
fn too_many_ends_are_told() {
    let folder = clean();
    let mut grants = String::from(GRANTS);
    for day in 1..=28 {
        for hour in 0..10 {
            writeln!(
                grants,
                "  - {{id: g-{day}-{hour}, basis: contract, holder: lab, acts: [use], fields: [email], purposes: [rating], from: 2024-01-01T00:00:00Z, until: 2025-07-{day:02}T{hour:02}:00:00Z}}"
            )
            .expect("text grows");
        }
    }
    write(folder.path(), &[("privacy/grants.yaml", &grants)]);
    let run = check(folder.path(), &["--fail-on", "never"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("CHECK_HORIZON"), "{}", run.err);
    assert_eq!(check(folder.path(), &["--horizon", "0d"]).code, 0);
}
