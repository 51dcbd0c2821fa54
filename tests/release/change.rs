//! What if: a change laid over facts and never written.

use super::{FLOWS, Run, check, clean, wherefore, write};

const SHARE: &str = "events:\n  - {id: pass-on, at: 2025-02-01T00:00:00Z, act: share, from: lab, to: broker, subjects: [ana], fields: [score], purpose: rating}\n";

fn with(change: &str, more: &[&str]) -> Run {
    let folder = clean();
    write(folder.path(), &[("change.yaml", change)]);
    check(folder.path(), &[&["--change", "change.yaml"], more].concat())
}

#[test]
fn facts_are_added_replaced_and_taken_back() {
    let run = with(SHARE, &["--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.fresh().len(), 2);
    assert_eq!(run.fresh()[0]["place"], "change.yaml:2:5");
    assert_eq!(run.fresh()[0]["witness"][2], "rate");

    // With a permission and a route, nothing is new.
    let lawful = format!(
        "{SHARE}authorizations:\n  - {{id: az-2, basis: contract, holder: lab, acts: [share], recipients: [broker], fields: [score], purposes: [rating], from: 2024-01-01T00:00:00Z}}\n\
         mechanisms:\n  - {{id: scc, kind: contract, from_processor: lab, to_processor: broker, from: 2024-01-01T00:00:00Z}}\n"
    );
    assert_eq!(with(&lawful, &[]).code, 0);

    // A replaced permission is weaker.
    let weaker = "replace:\n  authorizations:\n    - {id: az-shop, basis: contract, holder: shop, acts: [collect, share, use], fields: [email], purposes: [orders, rating], from: 2024-01-01T00:00:00Z}\n";
    let run = with(weaker, &["--format", "json"]);
    assert_eq!(
        (run.code, run.fresh()[0]["event"].as_str()),
        (1, Some("to-lab")),
        "{}",
        run.out
    );
    let moved = "replace: {processors: [{id: lab, kind: controller, country: US}]}\n";
    assert_eq!(with(moved, &["--format", "json"]).fresh()[0]["rule"], "route");

    // A permission taken back.
    let run = with("retract: {authorizations: [az-shop]}\n", &["--format", "json"]);
    assert_eq!((run.code, run.fresh().len()), (1, 2), "{}{}", run.out, run.err);
}

#[test]
fn a_finding_that_was_there_before_is_known() {
    let folder = clean();
    write(
        folder.path(),
        &[
            ("privacy/flows/more.yaml", SHARE),
            ("change.yaml", &SHARE.replace("pass-on", "pass-on-again")),
        ],
    );
    let run = check(folder.path(), &["--change", "change.yaml"]);
    assert_eq!(run.code, 0, "the same practice once more is no news: {}", run.out);
    assert!(run.out.contains("0 new, 4 known"), "{}", run.out);
}

#[test]
fn what_a_change_cannot_do_stops_the_check_with_all_places() {
    for (change, wanted) in [
        (
            "replace: {authorizations: [{id: az-x, basis: contract, holder: lab, acts: [use], fields: [email], purposes: [rating], from: 2024-01-01T00:00:00Z}]}\n",
            "nothing in `authorizations` is called `az-x`",
        ),
        (
            "retract: {events: [gone]}\n",
            "nothing in `events` is called `gone`",
        ),
        (
            "retract: {fields: [score]}\n",
            "this names `score` of `fields`, which the change takes back",
        ),
        (
            "retract: {purposes: [rating]}\n",
            "this names `rating` of `purposes`",
        ),
        ("retract: {subjects: [ana]}\n", "this names `ana` of `subjects`"),
        (
            "fields: [{id: email, category: contact, state: anonymized}]\n",
            "`email` is in `fields` already, with other content",
        ),
        (
            "events: [{id: x, at: 2025-02-01T00:00:00Z, act: use, by: nobody, subjects: [ana], fields: [email], purpose: rating}]\n",
            "nothing in `processors` is called `nobody`",
        ),
        ("retract: {event: [rate]}\n", "`event` is no section"),
        ("retract: {events: {rate: x}}\n", "`events` must be a list of ids"),
        ("retracts: {events: [rate]}\n", "`retracts` is no key of a change"),
        ("- rate\n", "a change must be a map"),
        (
            "categories: [{id: a, parent: b}, {id: b, parent: a}]\n",
            "is its own ancestor",
        ),
    ] {
        let run = with(change, &["--fail-on", "never"]);
        assert_eq!(run.code, 2, "{change}: {}", run.out);
        assert!(run.err.contains(wanted), "{wanted} is not in {}", run.err);
        assert!(
            run.err.contains("change.yaml") || run.err.contains("shop.yaml"),
            "{}",
            run.err
        );
    }
    // The same fact again is no double; a fact of a retracted name may be added anew.
    assert_eq!(with("fields: [{id: email, category: contact}]\n", &[]).code, 0);
    assert_eq!(with("retract: {authorizations: [az-lab]}\nauthorizations: [{id: az-lab, basis: contract, holder: lab, acts: [derive], fields: [email], purposes: [rating], from: 2024-01-01T00:00:00Z}]\n", &[]).code, 0);
}

#[cfg(feature = "rocksdb")]
#[test]
fn a_store_is_changed_in_mind_only() {
    let folder = clean();
    let one = format!(
        "scenario: s\nas_of: {}\ntimezone: UTC\nhome: FR\n{}{}{FLOWS}",
        super::DAY,
        super::THINGS,
        super::GRANTS
    );
    write(folder.path(), &[("one.yaml", &one), ("change.yaml", SHARE)]);
    assert_eq!(
        wherefore(folder.path(), &["import", "one.yaml", "--store", "store"]).code,
        0
    );
    let run = check(
        folder.path(),
        &["--store", "store", "--change", "change.yaml", "--format", "json"],
    );
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.fresh().len(), 2);
    assert_eq!(
        check(folder.path(), &["--store", "store"]).code,
        0,
        "nothing was written"
    );
    assert_eq!(
        wherefore(folder.path(), &["log", "--store", "store"])
            .out
            .lines()
            .count(),
        2,
        "one commit"
    );
    // And by number of commit, when it is imported after all.
    let rest = SHARE.replace(
        "events:",
        "scenario: s\nas_of: 2025-06-01T00:00:00Z\ntimezone: UTC\nhome: FR\nevents:",
    );
    write(folder.path(), &[("two.yaml", &rest)]);
    assert_eq!(
        wherefore(folder.path(), &["import", "two.yaml", "--store", "store"]).code,
        0
    );
    for (arguments, code, new) in [
        (vec!["1", "2"], 1, 2),
        (vec!["1"], 1, 2),
        (vec!["2", "2"], 0, 0),
        (vec!["2", "1"], 0, 0),
    ] {
        let run = wherefore(
            folder.path(),
            &[
                vec!["diff", "--store", "store", "--format", "json"],
                arguments.clone(),
            ]
            .concat(),
        );
        assert_eq!(
            (run.code, run.fresh().len()),
            (code, new),
            "{arguments:?}: {}{}",
            run.out,
            run.err
        );
    }
    for number in ["0", "3", "x"] {
        let run = wherefore(folder.path(), &["diff", "--store", "store", number]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("its commits are 1 to 2"), "{}", run.err);
    }
}
