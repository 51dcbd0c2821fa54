//! Check `embedded-party`: third parties that collect on somebody's surface are bound by an agreement.

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::model::id::ProcessorId;
use crate::model::word::ActKind;

/// Judges collections by others that name one of these processors as their source.
pub fn judge(case: &Case<'_>, processors: &[ProcessorId], out: &mut Vec<Draft>) {
    let surfaces = case.history.things.processor_numbers(processors);
    for (number, act) in case.acts_by(Kinds::of(&[ActKind::Collect]), None) {
        let surface = act.source.filter(|source| {
            case.admits(Some(&surfaces), *source, act.at)
                && *source != act.actor
                && !case
                    .history
                    .things
                    .is_one_organization(*source, act.actor, act.at)
        });
        let Some(surface) = surface else { continue };
        if !case.bound(surface, act.actor, act.at, |_| true).0 {
            out.push(
                Draft::of_act(number, act, act.actor, "embedded-without-agreement")
                    .because([case.processor_id(surface)])
                    .witness(vec![number]),
            );
        }
    }
}
