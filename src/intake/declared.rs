//! What manifests declare, on its way into a store.
//!
//! A manifest has no times. What it declares stands from the day on which it was first taken; the same declaration again
//! changes nothing, and another one of the same name corrects it from that day on. What a later manifest no longer says
//! stays: manifests may be taken one by one.

use crate::db::{Batch, CommitError, Db, Receipt};
use crate::facts::Reading;
use crate::facts::node::{Key, Node, Value};
use crate::import::draft::{self, Item};
use crate::model::fact::{Fact, Stated};
use crate::model::time::{Instant, When, print_utc};
use crate::model::word::Section;

use super::changes::{changed_items, id_of};
use super::{Applied, IntakeError, header};

/// What is new, and what is said otherwise than before. The number is that of facts known already.
pub fn changes(db: &Db, items: Vec<Item>) -> Result<(Applied, usize), IntakeError> {
    let asked: Vec<(Section, String)> = items
        .iter()
        .map(|item| (item.section, id_of(item).unwrap_or_default()))
        .collect();
    let names: Vec<(Section, &str)> = asked
        .iter()
        .map(|(section, id)| (*section, id.as_str()))
        .collect();
    let known = db.stated(&names).map_err(CommitError::Store)?;
    let mut applied = Applied::default();
    let mut same = 0;
    for (mut item, known) in items.into_iter().zip(known) {
        match known {
            None => applied.new.push(item),
            Some(known) => {
                if let Some(since) = since(&known.fact) {
                    set_since(&mut item, since);
                }
                if is_same(&item, &known) {
                    same += 1;
                } else {
                    applied.corrected.push(item);
                }
            }
        }
    }
    Ok((applied, same))
}

/// Commits changes; `None` if there is nothing to do. `own` is the header of a store that has none, `name` and `author`
/// stand in the record.
pub fn commit(
    db: &Db,
    applied: &Applied,
    own: Node<'static>,
    (name, author): (&str, &str),
    at: Instant,
) -> Result<Option<Receipt>, IntakeError> {
    let items = changed_items(applied);
    if items.is_empty() {
        return Ok(None);
    }
    let header = header(db, own, name, print_utc(at));
    let document = draft::document(&header, &items, Reading::new(name), false).map_err(IntakeError::Facts)?;
    let mut batch = Batch::of(document);
    batch.author = Some(author.to_owned());
    Ok(Some(db.commit(batch, at)?))
}

/// Since when a fact is declared.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most of what is declared has no time"
)]
fn since(fact: &Fact) -> Option<Instant> {
    match fact {
        Fact::Act(act) => match act.at {
            When::Instant(at) => Some(at),
            When::Standing { from, .. } => Some(from),
            When::Stretching { from, .. } => Some(from.earliest),
            When::Between { earliest, .. } => Some(earliest),
        },
        Fact::Evidence(evidence) => Some(evidence.from),
        _ => None,
    }
}

fn set_since(item: &mut Item, since: Instant) {
    let Value::Map(keys) = &mut item.node.value else {
        return;
    };
    for (key, node) in keys
        .iter_mut()
        .filter(|(key, _)| ["at", "from"].contains(&&*key.text))
    {
        match &mut node.value {
            Value::Map(inner) => {
                let from = |(key, _): &&mut (Key<'_>, Node<'_>)| key.text == "from";
                if let Some((_, node)) = inner.iter_mut().find(from) {
                    node.value = draft::text(print_utc(since));
                }
            }
            // Of a share, `from` is the giver.
            Value::Text(_) if key.text == "at" || item.section == Section::Evidence => {
                node.value = draft::text(print_utc(since));
            }
            Value::Text(_) | Value::Null | Value::List(_) => {}
        }
    }
}

/// Whether an item says what is known, word for word but for the keys that make it a correction.
fn is_same(item: &Item, known: &Stated) -> bool {
    if draft::fact(item).as_ref() != Some(&known.fact) {
        return false;
    }
    let rest = |json: &serde_json::Value| json.get(crate::import::fides::REST).cloned();
    let theirs = serde_json::from_str(&known.item).ok();
    rest(&item.node.to_json()) == theirs.as_ref().and_then(rest)
}
