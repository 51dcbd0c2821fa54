//! Does a decision descend from a protected attribute?

use super::judged::{Judged, alone};
use super::{AskError, counted};
use crate::model::fact::Fact;
use crate::model::finding::{Culprit, Finding, Step};
use crate::model::id::{CategoryId, FieldId, SubjectId};
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::rule::Check;
use crate::model::word::{Method, State};
use crate::rules;

/// Answers with one row for each act that makes one of the decisions from something that descends from a protected
/// attribute (check `protected-attribute`): `descends`, or `descends-anonymized` where the chain has a step that
/// anonymizes, which breaks no descent. Without categories those of the rules on record count, or else all that is
/// sensitive.
pub fn answer(
    judged: &Judged<'_>,
    decisions: &[FieldId],
    categories: &[CategoryId],
    subject: Option<&SubjectId>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    for id in decisions {
        scope.field(id)?;
    }
    for id in categories {
        scope.category(id)?;
    }
    if let Some(subject) = subject {
        scope.subject(subject)?;
    }
    let protected = protected(judged, categories);
    let check = Check::ProtectedAttribute {
        categories: protected.clone(),
        decisions: decisions.to_vec(),
    };
    let (findings, _) = rules::judge(judged.case, &[&alone("decisions", check)]);
    let rows: Vec<Row> = findings.into_iter().map(|finding| row(judged, finding)).collect();
    let names = |ids: &[String]| ids.join(", ");
    let what = names(&decisions.iter().map(ToString::to_string).collect::<Vec<_>>());
    let of = names(&protected.iter().map(ToString::to_string).collect::<Vec<_>>());
    let reason = if rows.is_empty() {
        Reason {
            code: "no-descent",
            text: format!("no chain on record leads from {of} to {what}"),
        }
    } else {
        Reason {
            code: "descends",
            text: format!(
                "{} of {what} on record from something that descends from {of}",
                counted(rows.len(), "making", "makings")
            ),
        }
    };
    let proxies = Reason {
        code: "proxies-not-excluded",
        text: "what stands in for a protected attribute is not seen: no chain is no proof of fairness, and a chain none of bias"
            .to_owned(),
    };
    Ok(Answer::of_rows(rows, vec![reason, proxies], scope.as_of))
}

fn protected(judged: &Judged<'_>, categories: &[CategoryId]) -> Vec<CategoryId> {
    let mut all = categories.to_vec();
    if all.is_empty() {
        for rule in judged.rules {
            if let Check::ProtectedAttribute { categories, .. } = &rule.check {
                all.extend(categories.iter().cloned());
            }
        }
    }
    if all.is_empty() {
        all.extend(sensitive(judged));
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn sensitive<'j>(judged: &'j Judged<'_>) -> impl Iterator<Item = CategoryId> + use<'j> {
    judged
        .case
        .facts(|fact| {
            if let Fact::Category(category) = fact {
                Some(category)
            } else {
                None
            }
        })
        .filter(|(category, _)| category.sensitive)
        .map(|(category, _)| category.id.clone())
}

fn row(judged: &Judged<'_>, finding: Finding) -> Row {
    let things = &judged.scope.history.things;
    let ends_lineage = |step: &&Step| {
        let mut fields = things.field_numbers(&step.makes).into_iter();
        step.method == Some(Method::Anonymize) || fields.any(|field| things.state(field) == State::Anonymized)
    };
    let anonymized = finding.witness.iter().find(ends_lineage);
    let (code, mark) = match anonymized {
        Some(step) => (
            "descends-anonymized",
            format!(" The chain has an anonymized step, {}.", step.act),
        ),
        None => ("descends", String::new()),
    };
    let mut row = Row::new(code, format!("{}{mark}", finding.sentence));
    row.at = Some(finding.at);
    if let Culprit::Event(act) = &finding.culprit {
        row.act = Some(act.clone());
    }
    row.purpose = finding.witness.last().and_then(|step| step.purpose.clone());
    row.processor = Some(finding.processor);
    row.subjects = finding.subjects;
    row.fields = finding.fields;
    row.because = anonymized.map(|step| step.act.to_string()).into_iter().collect();
    row.witness = finding.witness;
    row
}
