//! Rules of every check kind (docs/fact-file.md 7), with parameters taken from the acts.

use super::draw::{Draw, Entry};
use super::generate::{Act, World};
use super::generate_permissions::ACTS as JUDGED_ACTS;
use super::generate_records::EVIDENCE_KINDS;
use serde_json::{Value, json};

pub const CHECKS: [&str; 35] = [
    "authorized",
    "prohibited-category",
    "lawful-source",
    "necessity",
    "frequency",
    "bundled-consent",
    "alternative-offered",
    "storage-location",
    "transfer-mechanism",
    "transfer-confidentiality",
    "safeguard",
    "recipient-assessed",
    "impact-assessment",
    "state-required",
    "optout",
    "stop-access",
    "flow-supported",
    "retention",
    "retention-declared",
    "deletion-effective",
    "deletion-propagated",
    "closure",
    "reidentification",
    "protected-attribute",
    "delegation",
    "assignment-notice",
    "policy-notice",
    "incident-notice",
    "request-deadline",
    "refusal-reason",
    "protection-level",
    "audit-remedied",
    "evidence",
    "restriction",
    "correction-propagated",
];

/// Checks whose reasons are rare otherwise.
const MORE_OFTEN: [&str; 9] = [
    "deletion-propagated",
    "transfer-mechanism",
    "delegation",
    "deletion-propagated",
    "transfer-confidentiality",
    "frequency",
    "transfer-mechanism",
    "correction-propagated",
    "restriction",
];

const REASONS: [&str; 10] = [
    "none",
    "field",
    "purpose",
    "act",
    "recipient",
    "grade",
    "guardian",
    "withdrawn",
    "expired",
    "not-yet",
];
const ACTS: [&str; 13] = [
    "share", "collect", "use", "derive", "delegate", "verify", "disclose", "store", "assign", "delete",
    "correct", "use", "restrict",
];

fn texts(items: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for item in items {
        if !out.contains(&item.to_string()) {
            out.push(item.to_string());
        }
    }
    out
}

/// 1 to 12 rules; `authorized` comes more often than any other.
pub fn rules(draw: &mut Draw, world: &World, acts: &[Act]) -> Vec<Value> {
    let mut out = Vec::new();
    for i in 0..draw.between(1, 12) {
        let check = match draw.below(10) {
            8 => draw.pick(&MORE_OFTEN),
            9 => "authorized",
            _ => draw.pick(&CHECKS),
        };
        // ids that do not sort as they are listed
        let id = format!("r{}-{check}", [5, 2, 9, 1, 7, 12, 3, 8, 11, 4, 10, 6][i]);
        let severity = ["error", "warning", "note"][draw.below(3)];
        let entry = Entry::new(&id)
            .with("check", check)
            .with("clause", format!("C-{}", draw.below(5)))
            .with("severity", severity);
        out.push(parameters(draw, world, acts, check, entry).value());
    }
    out
}

fn days(draw: &mut Draw) -> String {
    draw.below(4).to_string()
}

/// `processor`, in `percent` of 100.
fn processor(draw: &mut Draw, world: &World, percent: usize) -> Option<Value> {
    draw.chance(percent).then(|| {
        let listed = draw.some_of(&world.processors, 1, 2);
        draw.one_or_list(listed)
    })
}

fn parameters(draw: &mut Draw, world: &World, acts: &[Act], check: &str, entry: Entry) -> Entry {
    let all_acts = texts(&ACTS);
    match check {
        "authorized" => entry.maybe("when", draw.chance(55).then(|| when(draw, world))),
        "prohibited-category" => entry
            .with("categories", draw.some_of(&world.categories, 1, 2))
            .maybe("processor", processor(draw, world, 30)),
        "lawful-source" | "necessity" => entry.maybe("processor", processor(draw, world, 25)),
        "frequency" => {
            let hours = ["24", "48", "1", "72", "24.5", "0.5", "96", "12"][draw.below(8)];
            let entry = entry
                .with("fields", draw.some_of(&world.fields, 1, 4))
                .with("min_hours", hours);
            entry.maybe("processor", processor(draw, world, 25))
        }
        "alternative-offered" => entry.with("categories", draw.some_of(&world.categories, 1, 3)),
        "storage-location" => {
            let mut stores: Vec<String> = acts
                .iter()
                .filter(|a| a.act == "store")
                .map(|a| a.actor.clone())
                .collect();
            stores.push(draw.pick(&world.processors));
            entry
                .with("processor", draw.pick(&stores))
                .with("allowed", draw.some_of(&world.countries, 0, 2))
        }
        "transfer-mechanism" => entry.maybe("processor", processor(draw, world, 25)),
        "transfer-confidentiality" => entry.with("processor", draw.one_or_list(world.processors.clone())),
        "safeguard" => {
            let entry = entry
                .with("acts", draw.some_of(&all_acts, 1, 6))
                .with("needs", draw.some_of(&world.safeguards, 1, 3));
            let entry = entry.maybe("processor", processor(draw, world, 25));
            entry.maybe("fields_sensitive", draw.chance(30).then_some("true"))
        }
        "recipient-assessed" => {
            let exempt = draw.chance(40).then(|| {
                let kinds = draw.some_of(&texts(&["authority", "delegate", "public", "verifier"]), 1, 2);
                draw.one_or_list(kinds)
            });
            entry
                .maybe("processor", processor(draw, world, 25))
                .maybe("exempt_kinds", exempt)
        }
        "impact-assessment" => {
            let mut kinds = all_acts;
            kinds.insert(0, "sensitive".to_string());
            kinds.insert(0, "cross-border".to_string());
            let mut listed = draw.some_of(&texts(&["cross-border", "sensitive"]), 0, 2);
            for kind in draw.some_of(&kinds, 1, 5) {
                if !listed.contains(&kind) {
                    listed.push(kind);
                }
            }
            entry
                .with("acts", listed)
                .maybe("processor", processor(draw, world, 25))
        }
        "state-required" => {
            let states = texts(&["deidentified", "anonymized", "identified"]);
            let entry = entry.with("acts", draw.some_of(&all_acts, 1, 5));
            entry
                .with("purposes", draw.some_of(&world.purposes, 1, 2))
                .with("allowed", draw.some_of(&states, 1, 2))
        }
        "retention" => {
            let mut limits = Vec::new();
            for _ in 0..draw.between(1, 3) {
                let limit = Entry::default()
                    .with("fields", draw.some_of(&world.fields, 1, 3))
                    .with("days", days(draw));
                limits.push(
                    limit
                        .maybe("processor", draw.chance(25).then(|| draw.pick(&world.processors)))
                        .value(),
                );
            }
            entry
                .with("limits", limits)
                .maybe("processor", processor(draw, world, 25))
        }
        "retention-declared" => {
            let listed = draw.some_of(&world.processors, 1, 3);
            entry
                .with("processors", draw.one_or_list(listed))
                .with("categories", draw.some_of(&world.categories, 1, 3))
        }
        "restriction" => entry.maybe("processor", processor(draw, world, 20)),
        "correction-propagated" => entry
            .with("within_days", days(draw))
            .maybe("processor", processor(draw, world, 20)),
        "deletion-propagated" => {
            let roles = draw.chance(75).then(|| {
                let roles = draw.some_of(&texts(&["own", "delegated", "assigned", "contradicted"]), 2, 4);
                draw.one_or_list(roles)
            });
            entry
                .with("within_days", days(draw))
                .maybe("processor", processor(draw, world, 20))
                .maybe("roles", roles)
        }
        "protected-attribute" => {
            let mut made: Vec<String> = acts.iter().flat_map(|a| a.makes.clone()).collect();
            made.push(draw.pick(&world.fields));
            let decisions = texts(&made.iter().map(String::as_str).collect::<Vec<_>>());
            entry
                .with("categories", draw.some_of(&world.categories, 1, 2))
                .with("decisions", draw.some_of(&decisions, 1, 3))
        }
        "delegation" => {
            let entry = entry.maybe("affiliates_only", draw.chance(50).then_some("true"));
            entry.maybe("return_within_days", draw.chance(60).then(|| days(draw)))
        }
        "incident-notice" => {
            let mut entry = entry;
            for key in ["subject_hours", "regulator_hours", "platform_hours"] {
                entry = entry.maybe(
                    key,
                    draw.chance(70).then(|| ["24", "48", "12", "24"][draw.below(4)]),
                );
            }
            entry.maybe("processor", processor(draw, world, 20))
        }
        "request-deadline" => entry.with("working_days", draw.between(1, 4).to_string()),
        "protection-level" => {
            let listed = draw.some_of(&world.processors, 1, 4);
            let since = world.clock.instant(draw);
            let entry = entry
                .with("processors", draw.one_or_list(listed))
                .with("at_least", draw.pick(&world.processors));
            entry.with("since", world.clock.write(draw, since))
        }
        "audit-remedied" => entry.maybe("notice_days", draw.chance(70).then(|| days(draw))),
        "evidence" => {
            let listed = draw.some_of(&world.processors, 1, 3);
            entry
                .with("processors", draw.one_or_list(listed))
                .with("kinds", draw.some_of(&texts(&EVIDENCE_KINDS), 1, 2))
        }
        // bundled-consent, optout, stop-access, flow-supported, deletion-effective, closure, reidentification,
        // assignment-notice, policy-notice, refusal-reason: no parameters
        _ => entry,
    }
}

/// The selector of an `authorized` rule: one or two keys.
fn when(draw: &mut Draw, world: &World) -> Value {
    let mut entry = Entry::default();
    for _ in 0..draw.between(1, 2) {
        entry = match draw.below(9) {
            0 | 1 => entry.with("reasons", draw.some_of(&texts(&REASONS), 1, 5)),
            2 => entry.with("acts", draw.some_of(&texts(&JUDGED_ACTS), 1, 3)),
            3 => entry.with("processors", draw.some_of(&world.processors, 1, 3)),
            4 => entry.with(
                "kinds",
                draw.some_of(&texts(&["controller", "delegate", "verifier", "public"]), 1, 3),
            ),
            5 => entry.with("purposes", draw.some_of(&world.purposes, 1, 2)),
            6 => entry.with("fields", draw.some_of(&world.fields, 1, 3)),
            7 => entry.with("cross_border", "true"),
            _ => entry.with(
                "acquired_by",
                draw.pick(&[
                    "assign", "share", "collect", "delegate", "derive", "verify", "disclose",
                ]),
            ),
        };
    }
    json!(entry.0)
}
