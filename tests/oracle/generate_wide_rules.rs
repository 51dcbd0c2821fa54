//! Rules of the further checks (docs/checks.md), with parameters taken from the acts.

use super::draw::{Draw, Entry};
use super::generate_wide::{Around, CONTENTS, RIGHTS, WARRANTIES, texts};
use serde_json::{Value, json};

const CHECKS: [&str; 45] = [
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
    "joint",
    "joint",
    "ground",
    "deceased",
    // of these the further parameters
    "authorized",
    "authorized",
    "frequency",
    "transfer-mechanism",
    "impact-assessment",
    "optout",
    "incident-notice",
    "request-deadline",
    "refusal-reason",
    "evidence",
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
        let entry = parameters(draw, around, check, entry);
        let only = draw.chance(30).then(|| only(draw, around));
        out.push(entry.maybe("only", only).value());
    }
    out
}

/// What a rule is limited to: one or two keys.
fn only(draw: &mut Draw, around: &Around) -> Value {
    let mut entry = Entry::default();
    for _ in 0..draw.between(1, 2) {
        let (key, all, most) = match draw.below(8) {
            0 | 1 => ("processors", around.processors.clone(), 3),
            2 => ("categories", around.categories.clone(), 2),
            3 => ("fields", around.fields.clone(), 3),
            4 => ("purposes", around.purposes.clone(), 2),
            5 => (
                "acts",
                texts(&["collect", "share", "use", "derive", "delegate"]),
                3,
            ),
            6 => ("states", texts(&["identified", "deidentified", "anonymized"]), 2),
            _ => ("reasons", texts(&REASONS), 5),
        };
        let listed = draw.some_of(&all, 1, most);
        entry = entry.with(key, draw.one_or_list(listed));
    }
    entry.value()
}

const REASONS: [&str; 12] = [
    "none",
    "still-held",
    "no-ground",
    "no-ground:none",
    "not-told-before",
    "undeclared",
    "relation-none",
    "content-missing",
    "never-audited",
    "kept-after-purpose",
    "right-missing",
    "not-kept",
];

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
        "authorized" | "frequency" | "transfer-mechanism" | "impact-assessment" | "optout"
        | "incident-notice" | "request-deadline" | "refusal-reason" | "evidence" => {
            further(draw, around, check, entry)
        }
        // state-supported, implied-acceptance, assignment-ground, declared-period, change-notice, incident-found,
        // identity-verified, deceased, audit-independent: no parameters
        _ => entry,
    }
}

/// Parameters that `generate_rules` does not draw.
fn further(draw: &mut Draw, around: &Around, check: &str, entry: Entry) -> Entry {
    let countries = texts(&[&around.facts.home, "SG", "US"]);
    match check {
        "authorized" => {
            let mut when = Entry::default();
            match draw.below(5) {
                0 => when = when.with("others", draw.some_of(&around.processors, 1, 2)),
                1 => when = when.with("minors", "true"),
                2 => when = when.with("sourced", "true"),
                _ => {}
            }
            let mut grades = Entry::default();
            for key in ["share", "disclose", "other", "sensitive", "minor", "crossing"] {
                let grade = ["general", "explicit", "separate", "written"][draw.below(4)];
                grades = grades.maybe(key, draw.chance(30).then_some(grade));
            }
            entry
                .maybe("when", (!when.0.is_empty()).then(|| when.value()))
                .maybe("compatible", draw.chance(50).then_some("true"))
                .maybe(
                    "grades",
                    (draw.chance(40) && !grades.0.is_empty()).then(|| grades.value()),
                )
        }
        "frequency" => {
            let hours = ["24", "48", "1", "72"][draw.below(4)];
            data(draw, around, entry).with("min_hours", hours)
        }
        "transfer-mechanism" => {
            let bloc = draw.chance(60).then(|| draw.some_of(&countries, 1, 2));
            let adequate = draw.chance(50).then(|| draw.some_of(&countries, 1, 1));
            entry.maybe("bloc", bloc).maybe("adequate", adequate)
        }
        "impact-assessment" => {
            let kinds = texts(&["cross-border", "sensitive", "share", "use", "derive", "disclose"]);
            entry
                .with("acts", draw.some_of(&kinds, 2, 6))
                .with("within_days", days(draw))
        }
        "optout" => {
            let acts = texts(&["use", "share", "disclose", "collect", "derive", "delegate"]);
            let acts = draw.chance(75).then(|| draw.some_of(&acts, 2, 5));
            let by = draw.chance(40).then_some(["subject", "guardian"][draw.below(2)]);
            let bases = draw.chance(40).then(|| draw.some_of(&texts(&BASES), 2, 5));
            entry.maybe("acts", acts).maybe("by", by).maybe("bases", bases)
        }
        "incident-notice" => {
            let mut entry = entry.with("from_suspicion", "true");
            for key in ["subject_hours", "regulator_hours", "platform_hours"] {
                entry = entry.maybe(
                    key,
                    draw.chance(70).then(|| ["24", "48", "12", "24"][draw.below(4)]),
                );
            }
            entry
        }
        "request-deadline" => {
            let kinds = texts(&["access", "copy", "correct", "delete"]);
            let kinds = draw.chance(40).then(|| draw.some_of(&kinds, 1, 3));
            let by = draw
                .chance(40)
                .then(|| draw.some_of(&texts(&["relative", "subject"]), 1, 2));
            let entry = entry.maybe("kinds", kinds).maybe("by", by);
            match draw.below(3) {
                0 => entry.with("days", days(draw)),
                1 => entry.with("months", draw.below(2).to_string()),
                _ => entry.with("working_days", draw.between(1, 3).to_string()),
            }
        }
        "refusal-reason" => entry.with("allowed", ["orders still open", "a law"][draw.below(2)]),
        _ => {
            let kinds = texts(&["certificate", "training", "warranty"]);
            let listed = draw.some_of(&around.processors, 1, 3);
            entry
                .with("processors", listed)
                .with("kinds", draw.some_of(&kinds, 1, 2))
                .with("within_days", days(draw))
        }
    }
}
