//! Coverage (docs/checks.md 2).

use super::facts::{self, Authorization, EVERYONE, Event, Facts, Instant, Rule};
use super::findings::{Case, Kind, Report, only_fits};
use super::lookups::{
    category_at_or_under, field, is_crossing, is_minor, is_personal, is_sensitive, kind_at,
    purpose_under_any, valid_at, within_any,
};
use super::replay::{ASSIGNED, DELEGATED, Replay};
use serde_json::Value;

/// docs/checks.md 2, step 4: "the first by (dimension in the order …".
const DIMENSIONS: [&str; 9] = [
    "withdrawn",
    "expired",
    "guardian",
    "grade",
    "purpose",
    "field",
    "recipient",
    "act",
    "not-yet",
];

/// "Pairs of one act with the same (reason, A) form one group."
struct Group {
    reason: &'static str,
    authorization: Option<usize>,
    /// The compatibility by which it covers the purpose.
    edge: Option<usize>,
    /// (subject, field)
    pairs: Vec<(String, String)>,
}

/// Acts in order, groups by first pair (docs/checks.md 9), one finding of the first `authorized` rule whose `when` fits.
pub fn judge(case: &mut Case) {
    let (facts, replay) = (case.facts, case.replay);
    for (e, event) in facts.events.iter().enumerate() {
        for (terms, group) in groups_by_terms(facts, replay, e, event) {
            let mut rules = facts
                .rules
                .iter()
                .filter(|r| r.check == "authorized" && terms_of(r) == terms);
            let Some(rule) = rules.find(|rule| {
                let fields: Vec<String> = group.pairs.iter().map(|(_, f)| f.clone()).collect();
                let of = (Some(event), event.actor.as_str(), event.at, group.reason);
                when_fits(facts, replay, rule, e, event, &group) && only_fits(facts, rule, of, &fields)
            }) else {
                continue;
            };
            let (_, least_field) = group.pairs.iter().min().expect("a group has a pair");
            let (least_subject, _) = group.pairs.iter().min().expect("a group has a pair");
            let witness = if event.act == "collect" {
                vec![e]
            } else {
                replay.path(facts, &event.actor, least_field, least_subject, e)
            };
            case.report(
                rule,
                Report {
                    reason: group.reason.to_string(),
                    at: event.at,
                    kind: Kind::Event,
                    thing: &event.id,
                    processor: &event.actor,
                    subjects: group.pairs.iter().map(|(s, _)| s.clone()).collect(),
                    fields: group.pairs.iter().map(|(_, f)| f.clone()).collect(),
                    because: group
                        .authorization
                        .iter()
                        .map(|a| facts.authorizations[*a].id.clone())
                        .chain(
                            group
                                .edge
                                .iter()
                                .map(|edge| facts.compatibility[*edge].id.clone()),
                        )
                        .collect(),
                    witness,
                },
            );
        }
    }
}

/// `compatible` and `grades` of a rule: "the rules that have the same". A grade that a rule leaves out is the one of the page,
/// so that saying it changes nothing.
#[derive(Clone, PartialEq)]
struct Terms {
    compatible: bool,
    /// In the order of [`GRADES`].
    grades: Vec<String>,
}

const GRADES: [(&str, &str); 6] = [
    ("share", "separate"),
    ("disclose", "explicit"),
    ("other", "general"),
    ("sensitive", "separate"),
    ("minor", "separate"),
    ("crossing", "separate"),
];

impl Default for Terms {
    fn default() -> Self {
        Terms {
            compatible: false,
            grades: GRADES.iter().map(|(_, grade)| grade.to_string()).collect(),
        }
    }
}

fn terms_of(rule: &Rule) -> Terms {
    let grades = rule.parameters.get("grades").unwrap_or(&Value::Null);
    let given = |(key, default): &(&str, &str)| facts::text(grades, key).unwrap_or(default.to_string());
    Terms {
        compatible: facts::flag(&rule.parameters, "compatible"),
        grades: GRADES.iter().map(given).collect(),
    }
}

/// "Coverage is then judged anew for the rules that have the same `grades` and `compatible`."
fn groups_by_terms(facts: &Facts, replay: &Replay, e: usize, event: &Event) -> Vec<(Terms, Group)> {
    let mut all: Vec<Terms> = Vec::new();
    for rule in facts.rules.iter().filter(|r| r.check == "authorized") {
        let terms = terms_of(rule);
        if !all.contains(&terms) {
            all.push(terms);
        }
    }
    all.into_iter()
        .flat_map(|terms| {
            groups(facts, replay, e, event, &terms)
                .into_iter()
                .map(move |group| (terms.clone(), group))
        })
        .collect()
}

/// "Judged acts", "Judged pairs", and the grouping of the pairs that are not covered.
fn groups(facts: &Facts, replay: &Replay, e: usize, event: &Event, terms: &Terms) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (subject, field) in judged_by_coverage(facts, replay, e, event) {
        let Some((reason, authorization, edge)) = uncovered(facts, replay, e, event, &field, &subject, terms)
        else {
            continue;
        };
        let pair = (subject, field);
        match groups
            .iter_mut()
            .find(|g| g.reason == reason && g.authorization == authorization && g.edge == edge)
        {
            Some(group) => group.pairs.push(pair),
            None => groups.push(Group {
                reason,
                authorization,
                edge,
                pairs: vec![pair],
            }),
        }
    }
    groups
}

/// The pairs (subject, field) that section 2.1 judges of an act.
fn judged_by_coverage(facts: &Facts, replay: &Replay, e: usize, event: &Event) -> Vec<(String, String)> {
    let judged = matches!(
        event.act.as_str(),
        "collect" | "derive" | "use" | "share" | "verify" | "disclose"
    );
    let mut pairs = Vec::new();
    if !judged || event.method.as_deref() == Some("reidentify") {
        return pairs;
    }
    for subject in &event.subjects {
        for field in event.fields.iter().filter(|f| is_personal(facts, f)) {
            let held = replay.held(e, field, subject);
            let all_delegated = !held.is_empty() && held.iter().all(|c| replay.copies[*c].role == DELEGATED);
            if !(matches!(event.act.as_str(), "use" | "derive") && all_delegated) {
                pairs.push((subject.clone(), field.clone()));
            }
        }
    }
    pairs
}

/// The authorizations that cover a pair: candidates that fail in nothing.
pub fn covering(facts: &Facts, replay: &Replay, e: usize, event: &Event, f: &str, s: &str) -> Vec<usize> {
    let mut all = Vec::new();
    for (position, a) in facts.authorizations.iter().enumerate() {
        let dimensions = failing_dimensions(facts, replay, e, event, (f, s), a, &Terms::default());
        if dimensions.is_some_and(|(failing, _)| failing.is_empty()) {
            all.push(position);
        }
    }
    all
}

/// Reason and deciding fact of a pair that is not covered, where no rule says otherwise.
pub fn first_failing(
    facts: &Facts,
    replay: &Replay,
    e: usize,
    event: &Event,
    f: &str,
    s: &str,
) -> Option<(&'static str, Option<usize>)> {
    uncovered(facts, replay, e, event, f, s, &Terms::default())
        .map(|(reason, deciding, _)| (reason, deciding))
}

/// Steps 1 to 4 for one pair: None if covered, else the reason and the deciding authorization.
fn uncovered(
    facts: &Facts,
    replay: &Replay,
    e: usize,
    event: &Event,
    field: &str,
    subject: &str,
    terms: &Terms,
) -> Option<(&'static str, Option<usize>, Option<usize>)> {
    let mut in_exactly_one: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for (position, authorization) in facts.authorizations.iter().enumerate() {
        let dimensions = failing_dimensions(facts, replay, e, event, (field, subject), authorization, terms);
        let Some((failing, edge)) = dimensions else {
            continue;
        };
        if failing.is_empty() {
            return None;
        }
        if failing.len() == 1 {
            let dimension = DIMENSIONS
                .iter()
                .position(|d| *d == failing[0])
                .expect("a known dimension");
            in_exactly_one.push((dimension, position, edge));
        }
    }
    match in_exactly_one.into_iter().min() {
        Some((dimension, position, edge)) => Some((DIMENSIONS[dimension], Some(position), edge)),
        None => Some(("none", None, None)),
    }
}

/// Steps 1 to 3 for one authorization: None if it is no candidate, else the dimensions that fail.
fn failing_dimensions(
    facts: &Facts,
    replay: &Replay,
    e: usize,
    event: &Event,
    (f, s): (&str, &str),
    a: &Authorization,
    terms: &Terms,
) -> Option<(Vec<&'static str>, Option<usize>)> {
    let t = event.at;
    // 1.
    let listed = |name: &str| a.subjects.iter().any(|listed| listed == name);
    if !a.subjects.is_empty() && !listed(s) && !listed(EVERYONE) {
        return None;
    }
    // 2.
    let as_recipient =
        within_any(facts, &event.actor, &a.recipients, t) && matches!(event.act.as_str(), "use" | "derive");
    let assigned: Vec<usize> = replay
        .held(e, f, s)
        .iter()
        .copied()
        .filter(|c| replay.copies[*c].role == ASSIGNED)
        .collect();
    let assigned_by_a_holder = replay.origins(facts, &assigned).iter().any(|c| {
        let copy = &replay.copies[*c];
        copy.role == ASSIGNED && within_any(facts, &facts.record[copy.via].actor, &a.holder, copy.start)
    });
    let partners = joint_controllers(facts, event, f);
    let held_by_a_partner = partners.iter().any(|p| within_any(facts, p, &a.holder, t));
    let as_holder = !as_recipient
        && (within_any(facts, &event.actor, &a.holder, t) || assigned_by_a_holder || held_by_a_partner);
    if !as_recipient && !as_holder {
        return None;
    }
    // 3.
    let mut failing = Vec::new();
    if as_holder && !a.acts.contains(&event.act) {
        failing.push("act");
    }
    if as_holder
        && event
            .recipient
            .as_ref()
            .is_some_and(|q| !within_any(facts, q, &a.recipients, t) && !within_any(facts, q, &partners, t))
    {
        failing.push("recipient");
    }
    let under_a_category = field(facts, f)
        .categories
        .iter()
        .any(|c| a.categories.iter().any(|top| category_at_or_under(facts, c, top)));
    if !a.fields.iter().any(|listed| listed == f) && !under_a_category {
        failing.push("field");
    }
    let mut edge = None;
    if !purpose_under_any(facts, event.purpose.as_ref(), &a.purposes) {
        if terms.compatible {
            edge = compatible_by(facts, event, f, a);
        }
        if edge.is_none() {
            failing.push("purpose");
        }
    }
    if t < a.from {
        failing.push("not-yet");
    }
    failing.extend(ended(a, t));
    let consent = a.basis == "consent";
    if as_holder && consent && strength(&a.grade) < needed_strength(facts, event, f, s, &terms.grades) {
        failing.push("grade");
    }
    if consent && is_minor(facts, s, t) && a.given_by != "guardian" {
        failing.push("guardian");
    }
    Some((failing, edge))
}

/// Step 2, "The joint controllers of P".
fn joint_controllers(facts: &Facts, event: &Event, f: &str) -> Vec<String> {
    let mut all = Vec::new();
    for agreement in facts.agreements.iter().filter(|a| a.kind == "joint") {
        if within_any(facts, &event.actor, &agreement.between, event.at)
            && valid_at(agreement.from, agreement.until, event.at)
            && agreement.fields.iter().any(|listed| listed == f)
            && purpose_under_any(facts, event.purpose.as_ref(), &agreement.purposes)
        {
            all.extend(agreement.between.clone());
        }
    }
    all
}

/// The row "purpose", for a rule with `compatible: true`.
fn compatible_by(facts: &Facts, event: &Event, f: &str, a: &Authorization) -> Option<usize> {
    facts.compatibility.iter().position(|c| {
        event.purpose.as_ref() == Some(&c.to)
            && purpose_under_any(facts, Some(&c.from), &a.purposes)
            && (c.states.is_empty() || c.states.contains(&field(facts, f).state))
    })
}

/// The row "expired, withdrawn".
fn ended(a: &Authorization, t: Instant) -> Option<&'static str> {
    if t < a.from {
        return None;
    }
    let (end, name) = match (a.until, a.withdrawn) {
        (Some(until), Some(withdrawn)) if withdrawn < until => (withdrawn, "withdrawn"),
        (Some(until), _) => (until, "expired"),
        (None, Some(withdrawn)) => (withdrawn, "withdrawn"),
        (None, None) => return None,
    };
    (t >= end).then_some(name)
}

fn strength(grade: &str) -> usize {
    ["general", "explicit", "separate", "written"]
        .iter()
        .position(|g| *g == grade)
        .expect("a known grade")
}

/// The row "grade": what `grades` leaves out is as the page says.
fn needed_strength(facts: &Facts, event: &Event, f: &str, s: &str, grades: &[String]) -> usize {
    let grade = |key: &str| {
        let place = GRADES.iter().position(|(name, _)| *name == key);
        strength(&grades[place.expect("a key of `grades`")])
    };
    let mut needed = match event.act.as_str() {
        "disclose" => grade("disclose"),
        "share" => grade("share"),
        "assign" => strength("explicit"), // section 7.3: "explicit at least"
        _ => grade("other"),
    };
    if is_crossing(facts, event) {
        needed = needed.max(grade("crossing"));
    }
    if is_sensitive(facts, f) {
        needed = needed.max(grade("sensitive"));
    }
    if is_minor(facts, s, event.at) {
        needed = needed.max(grade("minor"));
    }
    needed
}

/// The table of `when`. An empty list is an absent one (docs/fact-file.md 2).
fn when_fits(facts: &Facts, replay: &Replay, rule: &Rule, e: usize, event: &Event, group: &Group) -> bool {
    let when = rule.parameters.get("when").unwrap_or(&Value::Null);
    let listed_or_absent = |key: &str, value: &str| {
        let list = facts::list(when, key);
        list.is_empty() || list.iter().any(|item| item == value)
    };
    let processors = facts::list(when, "processors");
    let purposes = facts::list(when, "purposes");
    let fields = facts::list(when, "fields");
    let acquired_by = facts::text(when, "acquired_by");
    listed_or_absent("reasons", group.reason)
        && listed_or_absent("acts", &event.act)
        && (processors.is_empty() || within_any(facts, &event.actor, &processors, event.at))
        && listed_or_absent("kinds", &kind_at(facts, &event.actor, event.at))
        && (purposes.is_empty() || purpose_under_any(facts, event.purpose.as_ref(), &purposes))
        && (fields.is_empty() || group.pairs.iter().any(|(_, f)| fields.contains(f)))
        && (!facts::flag(when, "cross_border") || is_crossing(facts, event))
        && !within_any(facts, &event.actor, &facts::list(when, "others"), event.at)
        && (!facts::flag(when, "minors") || group.pairs.iter().any(|(s, _)| is_minor(facts, s, event.at)))
        && (!facts::flag(when, "sourced") || event.act == "collect" && event.source.is_some())
        && acquired_by.is_none_or(|act| {
            group.pairs.iter().any(|(s, f)| {
                replay
                    .origins(facts, replay.held(e, f, s))
                    .iter()
                    .any(|c| facts.record[replay.copies[*c].via].act == act)
            })
        })
}
