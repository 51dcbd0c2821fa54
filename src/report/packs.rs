//! Rule packs as text and JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::plain::visible;
pub use crate::model::pack::fits;
use crate::model::pack::{Pack, Parameter, Sketch};

/// All packs: name, title, parameters, how many rules; in full with every clause and rule.
pub fn text(packs: &[(Pack, Vec<Sketch>)], in_full: bool) -> String {
    let mut out = String::new();
    for (pack, rules) in packs {
        let _ = writeln!(
            out,
            "{}  {}{}\n    {}\n    {} rules, {} clauses",
            visible(&pack.name),
            visible(&pack.title),
            if pack.voluntary { " (voluntary)" } else { "" },
            visible(&pack.source),
            rules.len(),
            pack.clauses.len()
        );
        for parameter in &pack.parameters {
            let _ = writeln!(
                out,
                "    {}:{}=ID  {}: {}{}",
                visible(&pack.name),
                visible(&parameter.name),
                parameter.wants.as_str(),
                visible(&parameter.about),
                match parameter {
                    Parameter { everybody: true, .. } => " (everybody, if it is not bound)",
                    Parameter { optional: true, .. } => " (optional)",
                    Parameter { .. } => "",
                }
            );
        }
        if in_full {
            for clause in &pack.clauses {
                let _ = writeln!(out, "\n  {}  {}", visible(&clause.id), visible(&clause.text));
                for rule in rules.iter().filter(|rule| fits(&rule.clause, &clause.id)) {
                    line(rule, &mut out);
                }
            }
            let loose: Vec<&Sketch> = rules
                .iter()
                .filter(|rule| !pack.clauses.iter().any(|clause| fits(&rule.clause, &clause.id)))
                .collect();
            if !loose.is_empty() {
                out.push('\n');
            }
            for rule in loose {
                line(rule, &mut out);
            }
        }
    }
    out
}

fn line(rule: &Sketch, out: &mut String) {
    let _ = writeln!(
        out,
        "      {} {}: check {}{}{}",
        visible(&rule.severity),
        visible(&rule.id),
        visible(&rule.check),
        if rule.law.is_empty() {
            String::new()
        } else {
            format!("; law {}", visible(&rule.law.join(", ")))
        },
        if rule.needs.is_empty() {
            String::new()
        } else {
            format!("; needs {}", visible(&rule.needs.join(", ")))
        }
    );
}

/// The same for programs, always in full.
pub fn json(packs: &[(Pack, Vec<Sketch>)]) -> Value {
    packs
        .iter()
        .map(|(pack, rules)| {
            json!({
                "pack": &*pack.name,
                "title": pack.title,
                "source": pack.source,
                "voluntary": pack.voluntary,
                "parameters": pack.parameters.iter().map(|parameter| json!({
                    "name": parameter.name,
                    "wants": parameter.wants.as_str(),
                    "about": parameter.about,
                    "optional": parameter.optional,
                    "everybody": parameter.everybody,
                })).collect::<Vec<_>>(),
                "clauses": pack.clauses.iter().map(|clause| json!({
                    "id": clause.id,
                    "text": clause.text,
                })).collect::<Vec<_>>(),
                "rules": rules.iter().map(|rule| json!({
                    "id": rule.id,
                    "check": rule.check,
                    "clause": rule.clause,
                    "severity": rule.severity,
                    "law": rule.law,
                    "advice": rule.advice,
                    "needs": rule.needs,
                })).collect::<Vec<_>>(),
            })
        })
        .collect()
}
