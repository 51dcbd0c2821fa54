//! Check `least-privilege`: people at a processor see only what their work needs (PIPL 51).

use super::case::Case;
use super::draft::Draft;
use crate::model::id::ProcessorId;

/// Judges what each role may see: it has purposes, and one of them needs each field. A purpose that does not say what
/// it needs may need anything.
pub fn judge(case: &Case<'_>, processors: Option<&Vec<ProcessorId>>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    let limit = case.limit(processors);
    for processor in things
        .processors()
        .all()
        .filter(|p| case.admits(limit.as_deref(), *p, case.as_of))
    {
        for access in &things.processor(processor).accesses {
            let name = format!("access:{}", access.role);
            let fields = things.field_numbers(&access.fields);
            let draft = |reason: &str| Draft::of_fact(name.clone(), None, case.as_of, processor, reason);
            if access.purposes.is_empty() {
                out.push(draft("access-without-purpose").fields(fields));
                continue;
            }
            let needs: Vec<_> = things
                .purpose_numbers(&access.purposes)
                .into_iter()
                .map(|purpose| things.needs(purpose))
                .collect();
            let not_needed: Vec<_> = fields
                .into_iter()
                .filter(|field| {
                    needs
                        .iter()
                        .all(|needs| needs.is_some_and(|needs| !needs.contains(field)))
                })
                .collect();
            if !not_needed.is_empty() {
                out.push(
                    draft("access-not-needed")
                        .fields(not_needed)
                        .because(&access.purposes),
                );
            }
        }
    }
}
