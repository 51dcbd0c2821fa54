//! `--pack`: what a pack must be told, whom it binds, and what it says it cannot judge.

use std::collections::BTreeSet;

use serde_json::Value;

use super::program::{CLEAN, DEMO, Folder, Ran, run};

/// The rules of the findings, with the act or fact and the processor of each.
fn found(ran: &Ran) -> BTreeSet<[String; 3]> {
    let findings = ran.json()["findings"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|finding| {
            let about = finding.get("event").unwrap_or(&finding["fact"]);
            [text(&finding["rule"]), text(about), text(&finding["processor"])]
        })
        .collect()
}

fn check(packs: &[&str]) -> Ran {
    let mut arguments = vec!["check", DEMO, "--format", "json"];
    arguments.extend(packs.iter().flat_map(|pack| ["--pack", *pack]));
    run(&arguments)
}

#[test]
fn a_law_and_a_policy_are_judged_beside_the_rules_of_the_facts() {
    let ran = check(&["pipl", "zhima-credit:self=zhima"]).exits(1);
    let rules: BTreeSet<String> = found(&ran).into_iter().map(|[rule, ..]| rule).collect();
    for pack in ["pipl/", "zhima-credit/"] {
        assert!(
            rules.iter().any(|rule| rule.starts_with(pack)),
            "{pack}: {rules:?}"
        );
    }
    assert!(rules.contains("share-authorized"), "{rules:?}");
}

#[test]
fn a_law_that_is_told_nobody_binds_everybody() {
    let all = check(&["pipl"]).exits(1);
    let of_zhima = check(&["pipl:self=zhima"]).exits(1);
    let mailing = |rule: &str| [rule, "bank-mailing", "bank-east"].map(str::to_owned);
    assert!(found(&all).contains(&mailing("pipl/new-purpose")));
    assert!(!found(&of_zhima).contains(&mailing("pipl/new-purpose")));
    // What cannot do without names is left out, and that is said.
    let left_out = |rule: &str| ["pipl/organized", "pipl/audited"].contains(&rule);
    let missing: Vec<_> = found(&of_zhima)
        .into_iter()
        .filter(|finding| !left_out(&finding[0]) && !found(&all).contains(finding))
        .collect();
    assert_eq!(missing, Vec::<[String; 3]>::new());
    assert!(!found(&all).iter().any(|[rule, ..]| left_out(rule)));
    for says in [
        "note: pack pipl: `self` is not bound, so its rules are held against everybody; to hold them against some write pipl:self=ID",
        "note: pack pipl: not judged: organized, audited; bind `self`",
    ] {
        assert!(all.err.contains(says), "{}", all.err);
    }
    assert!(!of_zhima.err.contains("`self`"), "{}", of_zhima.err);
}

#[test]
fn what_a_pack_must_be_told_is_asked_for() {
    for (packs, code, says) in [
        (&["zhima-credit"][..], "PACK_UNBOUND", "zhima-credit:self=ID"),
        (&["partner-rules"], "PACK_UNBOUND", "partner-rules:platform=ID"),
        (
            &["biometric-guidelines"],
            "PACK_UNBOUND",
            "biometric-guidelines:self=ID",
        ),
        (&["zhima-credit:self=zhimo"], "PACK_NOT_IN_FACTS", "`processors`"),
        (
            &["zhima-credit:slef=zhima"],
            "PACK_UNKNOWN_PARAMETER",
            "parameters are self",
        ),
        (&["zhima"], "PACK_UNKNOWN", "zhima-credit"),
        (&["pipl", "pipl:self=zhima"], "PACK_TWICE", "name it once"),
        (
            &["zhima-credit:self=zhima,self=alipay"],
            "PACK_ONE_VALUE",
            "one value",
        ),
        (&["pipl:self"], "PACK_SPELLING", "NAME:parameter=value"),
    ] {
        let ran = check(packs).refuses(code);
        assert!(ran.err.contains(says), "{packs:?}: {}", ran.err);
    }
}

#[test]
fn facts_without_rules_are_held_to_the_packs_named() {
    let folder = Folder::new();
    let rules = CLEAN.find("rules:").expect("its rules stand last");
    let file = folder.file("bare.yaml", &CLEAN[..rules]);
    run(&["check", &file]).exits(0);
    let ran = run(&[
        "check",
        &file,
        "--format",
        "json",
        "--pack",
        "gdpr:self=shop",
        "--pack",
        "partner-rules:platform=shop",
    ])
    .exits(1);
    // Of the rules about coverage the first that fits speaks for its pack: one of each, and one alone.
    let about_coverage = [
        "guardian",
        "withdrawn",
        "explicit",
        "purpose-kept",
        "lawful-basis",
        "lawful-act",
    ];
    let of_e1: Vec<String> = found(&ran)
        .into_iter()
        .filter(|[rule, about, _]| {
            about == "e1"
                && about_coverage
                    .iter()
                    .any(|name| rule.ends_with(&format!("/{name}")))
        })
        .map(|[rule, ..]| rule)
        .collect();
    assert_eq!(of_e1, ["gdpr/lawful-basis", "partner-rules/lawful-act"]);
}

#[test]
fn a_pack_of_ones_own_may_bind_everybody_too() {
    let pack = |rule: &str| {
        format!(
            "pack: ours\ntitle: T\nsource: S\nparameters: [{{name: self, wants: processors, about: who, everybody: true}}]\n\
             rules:\n  - {{id: held, check: flow-supported, clause: C, severity: error, only: {{processors: $self, purposes: [orders]}}}}\n\
             \x20 - {{id: home, check: storage-location, clause: C, severity: error, processor: $self, allowed: [CN]}}\n{rule}"
        )
    };
    let facts = CLEAN.replace("act: collect, to: shop,", "act: use, by: shop,");
    let folder = Folder::new();
    let (facts, ours) = (
        folder.file("facts.yaml", &facts),
        folder.file("ours.yaml", pack("")),
    );
    let ran = run(&["check", &facts, "--format", "json", "--pack", &ours]).exits(1);
    assert!(
        found(&ran).contains(&["ours/held", "e1", "shop"].map(str::to_owned)),
        "{ran:?}"
    );
    assert!(ran.err.contains("not judged: home; bind `self`"), "{}", ran.err);
    // Nobody is bound, and yet what is wrong with a rule is told at its place.
    let wrong = pack("  - {id: more, check: necessity, clause: C, processor: $self}\n");
    let wrong = folder.file("wrong.yaml", &wrong);
    let ran = run(&["check", &facts, "--pack", &wrong]).refuses("FACT_MISSING_KEY");
    assert!(
        ran.err.contains("severity") && ran.err.contains(":8:5: FACT_MISSING_KEY"),
        "{}",
        ran.err
    );
}
