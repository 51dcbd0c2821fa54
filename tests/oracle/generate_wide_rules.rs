//! Rules of the further checks (docs/checks.md), with parameters taken from the acts.

use super::draw::{Draw, Entry};
use super::generate_wide::{Around, CONTENTS, RIGHTS, WARRANTIES, texts};
use serde_json::{Value, json};

const CHECKS: [&str; 31] = [
    "public-source",
    "source-warranty",
    "embedded-party",
    "authority-report",
    "partner-relation",
    "tainted",
    "state-supported",
    "implied-acceptance",
    "assignment-ground",
    "declared-period",
    "minimum-retention",
    "purpose-ended",
    "never-used",
    "ceasing",
    "declared",
    "service-policy",
    "change-notice",
    "prior-notice",
    "policy-rights",
    "least-privilege",
    "incident-content",
    "incident-found",
    "identity-verified",
    "deceased",
    "audit-independent",
    "audit-due",
    "protection-held",
    "consent-record",
    "ground",
    "ground-recognized",
    "joint",
];

const BASES: [&str; 8] = [
    "contract",
    "legal-duty",
    "justice",
    "emergency",
    "service-stability",
    "consent",
    "national-security",
    "public-task",
];
const KINDS: [&str; 5] = ["controller", "delegate", "public", "verifier", "authority"];

/// 1 to 9 rules.
pub fn rules(draw: &mut Draw, around: &Around) -> Vec<Value> {
    let mut out = Vec::new();
    for i in 0..draw.between(1, 9) {
        let check = draw.pick(&CHECKS);
        // ids that do not sort as they are listed
        let id = format!("w{}-{check}", [5, 2, 9, 1, 7, 3, 8, 4, 6][i]);
        let entry = Entry::new(&id)
            .with("check", check)
            .with("clause", format!("W-{}", draw.below(5)))
            .with("severity", ["error", "warning", "note"][draw.below(3)]);
        out.push(parameters(draw, around, check, entry).value());
    }
    out
}

fn days(draw: &mut Draw) -> String {
    draw.below(4).to_string()
}

/// Who does the acts of some kinds, or anybody.
fn whoever(
    draw: &mut Draw,
    around: &Around,
    kinds: &[&str],
    of: fn(&super::facts::Event) -> Option<String>,
) -> Value {
    let about = around.act(draw, kinds);
    let mut listed = vec![of(&about).unwrap_or_else(|| draw.pick(&around.processors))];
    for other in draw.some_of(&around.processors, 0, 2) {
        if !listed.contains(&other) {
            listed.push(other);
        }
    }
    draw.one_or_list(listed)
}

fn processor(draw: &mut Draw, around: &Around, percent: usize) -> Option<Value> {
    draw.chance(percent).then(|| {
        let listed = draw.some_of(&around.processors, 1, 2);
        draw.one_or_list(listed)
    })
}

/// *data*: fields, categories, or both.
fn data(draw: &mut Draw, around: &Around, entry: Entry) -> Entry {
    let which = draw.below(3);
    let fields = draw.some_of(&around.fields, 1, 3);
    let categories = draw.some_of(&around.categories, 1, 2);
    entry
        .maybe("fields", (which != 1).then_some(fields))
        .maybe("categories", (which != 0).then_some(categories))
}

fn limits(draw: &mut Draw, around: &Around) -> Value {
    let mut out = Vec::new();
    for _ in 0..draw.between(1, 2) {
        let limit = data(draw, around, Entry::default()).with("days", days(draw));
        let processor = draw.chance(25).then(|| draw.pick(&around.processors));
        out.push(limit.maybe("processor", processor).value());
    }
    json!(out)
}

fn parameters(draw: &mut Draw, around: &Around, check: &str, entry: Entry) -> Entry {
    let actor = |e: &super::facts::Event| Some(e.actor.clone());
    match check {
        "public-source" => {
            let kinds = draw.some_of(&texts(&KINDS), 1, 3);
            data(draw, around, entry).with("kinds", kinds)
        }
        "source-warranty" => {
            let kinds = draw.some_of(&texts(&WARRANTIES), 1, 2);
            entry
                .with("kinds", kinds)
                .maybe("processor", processor(draw, around, 25))
        }
        "embedded-party" => entry.with(
            "processor",
            whoever(draw, around, &["collect"], |e| e.source.clone()),
        ),
        "authority-report" => entry.with("purposes", draw.some_of(&around.purposes, 1, 3)),
        "partner-relation" => {
            let exempt = draw.chance(40).then(|| draw.some_of(&texts(&KINDS), 1, 2));
            entry
                .with("processor", whoever(draw, around, &["share", "delegate"], actor))
                .maybe("exempt_kinds", exempt)
        }
        "tainted" | "declared" | "least-privilege" | "joint" => {
            entry.maybe("processor", processor(draw, around, 25))
        }
        "minimum-retention" => {
            let limits = limits(draw, around);
            entry
                .with("limits", limits)
                .maybe("processor", processor(draw, around, 20))
        }
        "purpose-ended" => entry.with("within_days", days(draw)),
        "never-used" => {
            let entry = entry.with("within_days", days(draw));
            entry.maybe("processor", processor(draw, around, 25))
        }
        "ceasing" => entry.maybe("clear_within_days", draw.chance(60).then(|| days(draw))),
        "service-policy" => entry
            .with("processor", whoever(draw, around, &[], actor))
            .with("purposes", draw.some_of(&around.purposes, 1, 3)),
        "prior-notice" => {
            let acts = texts(&["share", "use", "collect", "derive", "disclose", "delegate"]);
            let kind = ["bad-record", "policy-change", "cessation", "bad-record"][draw.below(4)];
            entry.with("kind", kind).with("acts", draw.some_of(&acts, 1, 4))
        }
        "policy-rights" => entry.with("rights", draw.some_of(&texts(&RIGHTS), 1, 3)),
        "incident-content" => {
            let contact = draw.chance(70).then(|| draw.some_of(&around.categories, 1, 3));
            entry
                .with("needs", draw.some_of(&texts(&CONTENTS), 1, 3))
                .maybe("contact", contact)
        }
        "audit-due" => {
            let roles = draw
                .chance(40)
                .then(|| draw.some_of(&texts(&["own", "delegated", "assigned"]), 1, 2));
            entry
                .with(
                    "processor",
                    whoever(draw, around, &["share", "delegate", "assign"], actor),
                )
                .with("within_days", days(draw))
                .maybe("roles", roles)
        }
        "protection-held" => {
            let about = around.act(draw, &["share", "delegate", "assign"]);
            entry.with("at_least", about.actor)
        }
        "consent-record" => entry.with("needs", draw.some_of(&texts(&["evidence", "notice"]), 1, 2)),
        "ground" => {
            let purposes = draw.some_of(&around.purposes, 0, 2);
            entry
                .with("bases", draw.some_of(&texts(&BASES), 1, 5))
                .maybe("purposes", (!purposes.is_empty()).then_some(purposes))
        }
        "ground-recognized" => entry.with("allowed", draw.some_of(&texts(&BASES), 1, 4)),
        // state-supported, implied-acceptance, assignment-ground, declared-period, change-notice, incident-found,
        // identity-verified, deceased, audit-independent: no parameters
        _ => entry,
    }
}
