//! Two revisions of a repository.

use super::{FLOWS, GRANTS, PASSED_ON, broken, check, clean, git, wherefore, write};

/// The folder as a repository with everything committed.
fn committed() -> tempfile::TempDir {
    let folder = clean();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "all is well"]);
    folder
}

#[test]
fn a_share_two_hops_away_is_caught_with_the_chain() {
    let folder = committed();
    git(folder.path(), &["checkout", "-q", "-b", "change"]);
    write(
        folder.path(),
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    let run = check(folder.path(), &["--base-ref", "main", "--format", "json"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let new = run.fresh();
    let mut rules: Vec<&str> = new
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    rules.sort_unstable();
    assert_eq!(rules, ["cover", "route"], "not covered, and no route abroad");
    for finding in &new {
        assert_eq!(
            finding["witness"],
            serde_json::json!(["sign-up", "to-lab", "rate", "pass-on"])
        );
        assert_eq!(finding["place"], "privacy/flows/shop.yaml:5:5");
    }
    let text = check(folder.path(), &["--base-ref", "main"]);
    assert!(
        text.out
            .contains("4. 2025-02-01T00:00:00+00:00  pass-on: share lab → broker, score"),
        "{}",
        text.out
    );
    assert!(text.out.contains("(crosses the border: FR → US)"));
    // The same by `diff`, and committed.
    git(folder.path(), &["commit", "-q", "-am", "pass on"]);
    let run = wherefore(
        folder.path(),
        &[
            "diff",
            "--base-ref",
            "main",
            "--as-of",
            super::DAY,
            "--format",
            "json",
        ],
    );
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.fresh().len(), 2);
    assert_eq!(
        check(folder.path(), &["--base-ref", "HEAD"]).code,
        0,
        "nothing has changed since"
    );
}

#[test]
fn only_what_the_change_adds_fails() {
    let folder = clean();
    write(folder.path(), &[("privacy/grants.yaml", &broken())]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one old finding"]);
    assert_eq!(check(folder.path(), &[]).code, 1);
    // Renamed and moved in time and to another file: no news.
    let renamed = FLOWS
        .replace("id: to-lab", "id: nightly")
        .replace("2025-01-02T00", "2025-01-02T08");
    std::fs::remove_file(folder.path().join("privacy/flows/shop.yaml")).unwrap();
    write(folder.path(), &[("privacy/other.yaml", &renamed)]);
    let run = check(folder.path(), &["--base-ref", "HEAD"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("0 new, 1 known"), "{}", run.out);
    // Mended: told.
    write(folder.path(), &[("privacy/grants.yaml", GRANTS)]);
    let run = check(folder.path(), &["--base-ref", "HEAD"]);
    assert_eq!(run.code, 0);
    assert!(
        run.out
            .contains("mended: error P-1 cover event to-lab [recipient] at shop"),
        "{}",
        run.out
    );
    let json = check(folder.path(), &["--base-ref", "HEAD", "--format", "json"]).json();
    assert_eq!(json["mended"][0]["event"], "to-lab");
    let markdown = check(folder.path(), &["--base-ref", "HEAD", "--format", "markdown"]);
    assert!(
        markdown.out.contains("Mended: error P-1 cover"),
        "{}",
        markdown.out
    );
}

#[test]
fn a_folder_inside_a_repository_is_read_at_the_revision() {
    let outer = tempfile::tempdir().unwrap();
    let inner = clean();
    let below = outer.path().join("services/shop");
    std::fs::create_dir_all(below.parent().unwrap()).unwrap();
    std::fs::rename(inner.path(), &below).unwrap();
    git(outer.path(), &["init", "-q"]);
    git(outer.path(), &["add", "."]);
    git(outer.path(), &["commit", "-q", "-m", "all is well"]);
    write(
        &below,
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    for (folder, arguments) in [
        (outer.path(), vec!["services/shop", "--base-ref", "HEAD"]),
        (&below, vec!["--base-ref", "HEAD"]),
    ] {
        let run = check(folder, &[arguments, vec!["--format", "json"]].concat());
        assert_eq!(run.code, 1, "{}", run.err);
        assert_eq!(run.fresh().len(), 2);
        assert_eq!(run.json()["baseline"]["known"], 0);
    }
    std::fs::create_dir(inner.path()).unwrap();
}

#[test]
fn what_git_cannot_give_stops_the_check() {
    let folder = committed();
    for (revision, code) in [
        ("no-such-branch", "CLI_GIT_REVISION"),
        ("--help", "CLI_GIT_REVISION"),
        ("", "CLI_GIT_REVISION"),
    ] {
        let run = check(
            folder.path(),
            &[&format!("--base-ref={revision}"), "--fail-on", "never"],
        );
        assert_eq!(run.code, 2, "{revision}: {}", run.out);
        assert!(run.err.contains(code), "{revision}: {}", run.err);
    }
    let no_repository = clean();
    let run = check(no_repository.path(), &["--base-ref", "main"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("CLI_GIT"), "{}", run.err);
    // A base that does not read cannot be compared with.
    write(
        folder.path(),
        &[("privacy/broken.yaml", "fields: [{id: x, category: nothing}]\n")],
    );
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "broken"]);
    std::fs::remove_file(folder.path().join("privacy/broken.yaml")).unwrap();
    let run = check(folder.path(), &["--base-ref", "HEAD"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("HEAD:privacy/broken.yaml"), "{}", run.err);
}

#[test]
fn a_revision_without_the_file_makes_everything_new() {
    let folder = clean();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "empty"]);
    write(folder.path(), &[("privacy/grants.yaml", &broken())]);
    let run = check(folder.path(), &["--base-ref", "HEAD"]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.err.contains("everything found is new"), "{}", run.err);
}
