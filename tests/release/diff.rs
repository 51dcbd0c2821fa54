//! `wherefore diff`: two fact files, two folders.

use super::{FLOWS, PASSED_ON, clean, wherefore, write};

#[test]
fn two_folders_and_two_files() {
    let (before, after) = (clean(), clean());
    write(
        after.path(),
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    let names = [before.path().to_str().unwrap(), after.path().to_str().unwrap()];
    let run = wherefore(
        before.path(),
        &[
            "diff",
            names[0],
            names[1],
            "--format",
            "json",
            "--as-of",
            super::DAY,
        ],
    );
    assert_eq!((run.code, run.fresh().len()), (1, 2), "{}{}", run.out, run.err);
    let run = wherefore(
        before.path(),
        &["diff", names[1], names[0], "--as-of", super::DAY],
    );
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(run.out.matches("mended: ").count(), 2);

    let head = format!(
        "scenario: s\nas_of: {}\ntimezone: UTC\nhome: FR\n{}{}{FLOWS}",
        super::DAY,
        super::THINGS,
        super::GRANTS
    );
    // The day of the state after goes for both: that time passes is no change.
    let base = head.replace(super::DAY, "2020-01-01T00:00:00Z");
    write(
        before.path(),
        &[("base.yaml", &base), ("head.yaml", &format!("{head}{}", ""))],
    );
    let run = wherefore(before.path(), &["diff", "base.yaml", "head.yaml"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("as of 2025-06-01"), "{}", run.out);
}

#[test]
fn two_states_have_to_be_named() {
    let folder = clean();
    for arguments in [
        vec!["diff"],
        vec!["diff", "."],
        vec!["diff", "--store", "nowhere"],
        vec!["diff", ".", ".", "--base-ref", "x"],
    ] {
        assert_eq!(wherefore(folder.path(), &arguments).code, 2, "{arguments:?}");
    }
}
