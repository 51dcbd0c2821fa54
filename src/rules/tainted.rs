//! Check `tainted`: nothing is made of what came from an unlawful source (PIPL 10).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use super::moment::Time;
use crate::graph::{CopyNo, FieldNo, SubjectNo};
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;
use crate::reach::lineage;

/// Judges uses and flows of data that descends, by whatever acts, from something acquired from an unlawful source. The
/// acquisition itself is for the check `lawful-source`.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let limit = case.limit(processors);
    let is_unlawful = |copy: CopyNo| {
        let at = case.replay.copy(copy).start;
        let act = case.history.act(case.replay.copy(copy).via);
        // What somebody makes itself was acquired from nobody.
        let source = if act.kind == ActKind::Collect {
            act.source
        } else {
            Some(act.actor).filter(|_| act.kind != ActKind::Derive)
        };
        source.is_some_and(|source| !things.is_lawful_source(source, at))
    };
    if things
        .processors()
        .all()
        .all(|p| things.processor(p).lawful_source)
    {
        return;
    }
    let all = case.replay.copies().map(|(number, _)| number);
    let below = lineage::descendants(&case.replay, all, is_unlawful, |_| true);
    let passed_over = [
        ActKind::Collect,
        ActKind::Correct,
        ActKind::Restrict,
        ActKind::Delete,
        ActKind::Store,
    ];
    for (number, act) in case.judged_by(Kinds::but(&passed_over), limit.as_deref()) {
        if !things.is_lawful_source(act.actor, act.at) {
            continue;
        }
        let tainted = |made: usize| -> Vec<(CopyNo, (SubjectNo, FieldNo))> {
            act.pairs()
                .zip(case.held(number))
                .filter_map(|(pair, held)| {
                    let mut copies = case.held_among(number, *held, made).iter();
                    let copy = copies.find(|copy| is_unlawful(**copy) || below.contained(**copy, made))?;
                    Some((*copy, pair))
                })
                .collect()
        };
        let Some(time) = Time::new(case, number, |made| !tainted(made).is_empty()) else {
            continue;
        };
        let Some((copy, _)) = case.least_pair(tainted(time.first).into_iter(), |(_, pair)| pair) else {
            continue;
        };
        let all = tainted(time.last);
        let mut witness = case.replay.chain(copy);
        witness.push(case.act_itself(number));
        let mut draft = Draft::of_act(number, act, act.actor, "tainted-source")
            .at(time.at)
            .subjects(all.iter().map(|(_, (subject, _))| *subject).collect())
            .fields(all.iter().map(|(_, (_, field))| *field).collect())
            .because([&case.history.act(witness[0]).id])
            .witness(witness);
        draft.during.extend(time.during);
        out.push(draft);
    }
}
