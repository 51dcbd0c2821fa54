//! Rules of policies as flow policies.
//!
//! A rule forbids declarations whose kinds of data, use and kinds of people all match. Acts are judged for each field and
//! each kind of people apart, which says the same of `ANY` and `OTHER`; `ALL` and `NONE` of several terms cannot be said
//! so, and are refused.

use super::item;
use super::manifest::{How, Manifest, Matches, PolicyRule};
use super::terms::Terms;
use crate::import::draft::{self, Item};
use crate::model::place::{Problem, ProblemCode};
use crate::model::word::Section;

/// A rule for each rule of a policy.
pub fn rules(manifest: &Manifest, terms: &Terms<'_>, problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut items = Vec::new();
    for rule in &manifest.rules {
        let [data, uses, people] = &rule.matches;
        for (key, matches) in [("data_categories", data), ("data_subjects", people)] {
            if matches!(matches.how, How::All | How::None) {
                problems.push(whole_lists(rule, key));
            }
        }
        let id = format!("{}/{}", rule.policy.key, rule.label);
        let conditions = [
            of_data(data, manifest, terms),
            of_use(uses, terms),
            of_people(people),
        ];
        let text = format!(
            "permit (principal, action, resource);\n\n@id({})\nforbid (principal, action == Action::\"use\", resource)\nwhen {{\n  {}\n}};\n",
            quoted(&id),
            conditions.join(" &&\n  "),
        );
        let keys = vec![
            ("id", Some(draft::text(id))),
            ("check", Some(draft::text("policy"))),
            ("clause", Some(draft::text(&rule.policy.key))),
            ("severity", Some(draft::text("error"))),
            ("acts", Some(draft::texts(&rule.place, ["use"]))),
            ("policy", Some(draft::text(text))),
        ];
        let said = [("policy", Some(&rule.policy.whole)), ("rule", Some(&rule.whole))];
        items.push(item(Section::Rules, &rule.place, keys, &said));
    }
    items
}

fn whole_lists(rule: &PolicyRule, key: &str) -> Problem {
    Problem {
        code: ProblemCode::NotJudged,
        place: rule.place.clone(),
        message: format!("`{key}` of this rule matches ALL or NONE of a list"),
        help: "fields and people are judged one by one here; write the rule with ANY or OTHER".to_owned(),
    }
}

/// A field that nobody has said the kind of is in no rule, as in Fides.
fn of_data(matches: &Matches, manifest: &Manifest, terms: &Terms<'_>) -> String {
    let category = |key: &str| format!("Category::{}", quoted(&terms.category(key)));
    let listed: Vec<String> = matches.values.iter().map(|key| category(key)).collect();
    let under = format!("resource in [{}]", listed.join(", "));
    if matches.how != How::Other {
        return under;
    }
    // Of a field with several kinds one may lie elsewhere while another is listed.
    let has_several = manifest
        .datasets
        .iter()
        .flat_map(|dataset| &dataset.fields)
        .any(|field| field.categories.len() > 1);
    let elsewhere: Vec<String> = terms
        .category_keys()
        .filter(|key| has_several && !terms.is_category_under(key, &matches.values))
        .map(category)
        .collect();
    let mut other = format!("!({under})");
    if !elsewhere.is_empty() {
        other = format!(
            "({other} || context.categories.containsAny([{}]))",
            elsewhere.join(", ")
        );
    }
    format!("!context.categories.isEmpty() && {other}")
}

/// A declaration has one use, so one of a list is all of it.
fn of_use(matches: &Matches, terms: &Terms<'_>) -> String {
    let listed: Vec<String> = matches
        .values
        .iter()
        .map(|key| format!("Purpose::{}", quoted(&terms.purpose(key))))
        .collect();
    let under = format!("context.purpose in [{}]", listed.join(", "));
    match matches.how {
        How::Any | How::All => format!("context has purpose && {under}"),
        How::None | How::Other => format!("context has purpose && !({under})"),
    }
}

/// Kinds of people have no tree.
fn of_people(matches: &Matches) -> String {
    let listed: Vec<String> = matches
        .values
        .iter()
        .map(|key| format!("Subject::{}", quoted(key)))
        .collect();
    let is_listed = format!("[{}].contains(context.subject)", listed.join(", "));
    if matches.how == How::Other {
        format!("!({is_listed}) && context.subject != Subject::\"everyone\"")
    } else {
        is_listed
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
