//! An answer that rests on what surely carried, joined with the one that would hold if all that may have carried did.

use crate::model::question::{Answer, Found, Reason};
use crate::model::word::Verdict;

/// Names listed of what is possible only; more are counted.
const NAMES_MAX: usize = 20;

/// The sure answer, with what is possible beside it.
pub fn joined(sure: Answer, wider: Answer) -> Answer {
    if sure.verdict == Verdict::No && wider.verdict == Verdict::Yes && matches!(wider.found, Found::Reach(_))
    {
        return possible(wider);
    }
    let added: Vec<String> = match (&sure.found, &wider.found) {
        (Found::Holders(sure), Found::Holders(wider)) => beyond(sure, wider, ToString::to_string),
        (Found::Purposes(sure), Found::Purposes(wider)) => {
            beyond(sure, wider, |(by, what)| format!("{by} for {what}"))
        }
        (Found::Downstream(sure), Found::Downstream(wider)) => {
            beyond(sure, wider, |(at, field)| format!("{field} at {at}"))
        }
        (Found::Sources(sure), Found::Sources(wider)) => beyond(sure, wider, |(at, field, act)| {
            format!("{field} at {at} by {act}")
        }),
        (Found::Crossings(sure), Found::Crossings(wider)) => beyond(sure, wider, |_| String::new()),
        _ => Vec::new(),
    };
    if added.is_empty() {
        return sure;
    }
    let mut names: Vec<&str> = added
        .iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    names.truncate(NAMES_MAX);
    let mut answer = sure;
    let count = added.len();
    let told = if names.is_empty() {
        String::new()
    } else {
        format!(
            ": {}{}",
            names.join(", "),
            if names.len() < count { ", …" } else { "" }
        )
    };
    answer.reasons.push(Reason {
        code: "possible",
        text: format!(
            "{count} more {} possible only, by lineage of whole datasets or runs that did not end well{told}",
            if count == 1 { "entry is" } else { "entries are" }
        ),
    });
    if answer.verdict == Verdict::No {
        answer.verdict = Verdict::Possible;
    }
    answer
}

fn possible(mut answer: Answer) -> Answer {
    answer.verdict = Verdict::Possible;
    answer.reasons.insert(
        0,
        Reason {
            code: "possible",
            text: "The way rests on lineage of whole datasets, or on runs that did not end well: data may have gone \
                   along it, and nobody recorded that it did."
                .to_owned(),
        },
    );
    answer
}

fn beyond<T: PartialEq>(sure: &[T], wider: &[T], name: impl Fn(&T) -> String) -> Vec<String> {
    wider.iter().filter(|one| !sure.contains(one)).map(name).collect()
}
