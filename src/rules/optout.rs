//! Check `optout`: a switch that a subject turned off is respected.

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{ActNo, ProcessorNo, PurposeNo, SubjectNo};
use crate::model::fact::{Choice, Fact};
use crate::model::word::{ActKind, Basis, Giver, Section};
use crate::policy::coverage::Pair;

/// The choices of each subject at each processor: its place on record, itself, and the purpose that is off.
type Choices<'f> = FxHashMap<(ProcessorNo, SubjectNo), Vec<(usize, &'f Choice, PurposeNo)>>;

/// Judges acts of these kinds after a choice against them, by choices of everybody unless `by` lists who chose, on any
/// ground unless `bases` lists some. A
/// collection of what the service does not work without is no matter of choice.
pub fn judge(
    case: &Case<'_>,
    acts: &[ActKind],
    by: Option<&[Giver]>,
    bases: Option<&[Basis]>,
    out: &mut Vec<Draft>,
) {
    let things = &case.history.things;
    let mut choices: Choices<'_> = FxHashMap::default();
    let stated = case.facts_in(Section::Choices, |fact| {
        if let Fact::Choice(x) = fact { Some(x) } else { None }
    });
    for (position, (choice, _)) in stated.enumerate() {
        let is_meant = by.is_none_or(|list| list.contains(&choice.by));
        if let (Some(subject), Some(processor), Some(off), true) = (
            case.subject(&choice.subject),
            case.processor(&choice.processor),
            things.purposes().get(&choice.purpose),
            is_meant,
        ) {
            choices
                .entry((processor, subject))
                .or_default()
                .push((position, choice, off));
        }
    }
    if choices.is_empty() {
        return;
    }
    let mut chosen_of: Vec<ProcessorNo> = choices.keys().map(|(processor, _)| *processor).collect();
    chosen_of.sort_unstable();
    chosen_of.dedup();
    for (number, act) in case.judged_by(Kinds::of(acts), Some(&chosen_of)) {
        let Some(purpose) = act.purpose else { continue };
        let fields = case.fields_of(act, |field| {
            act.kind != ActKind::Collect || !things.field(field).strictly_needed
        });
        if fields.is_empty() {
            continue;
        }
        for subject in &act.subjects {
            let mut theirs: Vec<_> = case
                .around(act.actor, act.at)
                .filter_map(|holder| choices.get(&(holder, *subject)))
                .flatten()
                .collect();
            theirs.sort_unstable_by_key(|(position, ..)| *position);
            for (_, choice, off) in theirs {
                let rests = bases.is_none_or(|bases| rests_on(case, number, *subject, bases));
                if act.at < choice.at || !things.serves(purpose, &[*off]) || !rests {
                    continue;
                }
                let witness = case.path_unless_collect(number, fields.first().copied(), &[*subject]);
                out.push(
                    Draft::of_act(number, act, act.actor, "after-optout")
                        .subjects(vec![*subject])
                        .fields(fields.clone())
                        .because([&choice.id])
                        .witness(witness),
                );
            }
        }
    }
}

/// Whether an authorization on one of these grounds covers something of this subject in the act.
fn rests_on(case: &Case<'_>, number: ActNo, subject: SubjectNo, bases: &[Basis]) -> bool {
    let act = case.act(number);
    let held = case.held(number);
    act.pairs()
        .zip(held)
        .filter(|((whose, _), _)| *whose == subject)
        .any(|((subject, field), held)| {
            let pair = Pair {
                subject,
                field,
                held: *held,
            };
            case.coverage
                .covering(&case.history, &case.replay, act, pair)
                .into_iter()
                .any(|position| bases.contains(&case.coverage.authorization(position).basis()))
        })
}
