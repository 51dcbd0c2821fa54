//! Check `joint`: what joint controllers get from each other they use inside their agreement (GDPR 26; PIPL 20).

use super::case::{Case, in_force};
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::origin::origins;
use crate::graph::{Act, CopyNo, FieldNo, SubjectNo};
use crate::model::fact::{Agreement, Joint};
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Judges uses and derivations of what the actor holds only because another joint controller shared it.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let limit = case.limit(processors);
    let joints: Vec<&Joint> = case
        .agreements()
        .filter_map(|(agreement, _)| match agreement {
            Agreement::Joint(joint) => Some(joint),
            Agreement::Delegation(_) | Agreement::Confidentiality(_) | Agreement::Partner(_) => None,
        })
        .collect();
    if joints.is_empty() {
        return;
    }
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Use, ActKind::Derive]), limit.as_deref()) {
        let mut outside: Vec<(SubjectNo, FieldNo)> = Vec::new();
        let mut because = Vec::new();
        let made = case.copies_made(number);
        for (pair, held) in act.pairs().zip(case.held(number)) {
            let copies = origins(&case.history, &case.replay, case.held_among(number, *held, made));
            let under: Vec<Vec<&Joint>> = copies
                .iter()
                .map(|copy| received_under(case, &joints, *copy))
                .collect();
            let is_joint = !under.is_empty() && under.iter().all(|list| !list.is_empty());
            let is_inside = joints.iter().any(|joint| covers(case, joint, act, pair.1));
            if is_joint && !is_inside {
                outside.push(pair);
                because.extend(under.into_iter().flatten().map(|joint| &joint.id));
            }
        }
        let Some(least) = case.least_pair(outside.iter().copied(), |pair| pair) else {
            continue;
        };
        out.push(
            Draft::of_act(number, act, act.actor, "outside-joint-agreement")
                .subjects(outside.iter().map(|(subject, _)| *subject).collect())
                .fields(outside.iter().map(|(_, field)| *field).collect())
                .because(because)
                .witness(case.path(number, Some(least.1), &[least.0])),
        );
    }
}

/// The agreements under which one controller shared the copy with another.
fn received_under<'j>(case: &Case<'_>, joints: &[&'j Joint], copy: CopyNo) -> Vec<&'j Joint> {
    let copy = case.replay.copy(copy);
    let via = case.history.act(copy.via);
    let holding = case.replay.holding_of(copy);
    let shared = via.kind == ActKind::Share && via.recipient == Some(holding.processor);
    joints
        .iter()
        .copied()
        .filter(|joint| {
            shared
                && case.is_one_of(&joint.between, holding.processor, copy.start)
                && covers(case, joint, via, holding.field)
        })
        .collect()
}

/// Whether the act of one of the controllers, with this field, lies inside the agreement.
fn covers(case: &Case<'_>, joint: &Joint, act: &Act, field: FieldNo) -> bool {
    let things = &case.history.things;
    case.is_one_of(&joint.between, act.actor, act.at)
        && in_force(joint.from, joint.until, act.at)
        && joint.fields.contains(things.fields().id(field))
        && act
            .purpose
            .is_some_and(|purpose| things.serves(purpose, &things.purpose_numbers(&joint.purposes)))
}
