//! The two facets that say which data went where: `columnLineage` and `lineage`.

use super::event::{Column, Edge, Entity, Event, How, entity};
use super::read::{At, Refusal};
use crate::model::place::ProblemCode;

/// The facet `columnLineage` of a dataset, 1-0-0 to 1-2-0.
pub fn of_columns(facet: &At<'_, '_>, dataset: &Entity, event: &mut Event) -> Result<(), Refusal> {
    facet.need("fields")?.object()?;
    facet.entries("fields", |name, field| {
        // Before 1-1-0 one word stood for all inputs of a field.
        let is_masked = match field.get("transformationType") {
            Some(at) => at.text()?.eq_ignore_ascii_case("MASKED"),
            None => false,
        };
        field.need("inputFields")?;
        let to = column(dataset, Some(name));
        field.each("inputFields", |at| {
            let from = column(&entity(&at, false)?, Some(at.need("field")?.name()?));
            let plain = if is_masked { How::Masked } else { How::Direct };
            for how in ways(&at, plain)? {
                event.edges.push(Edge {
                    from: from.clone(),
                    to: to.clone(),
                    how,
                });
            }
            Ok(())
        })
    })?;
    facet.each("dataset", |at| {
        let from = column(&entity(&at, false)?, Some(at.need("field")?.name()?));
        for how in ways(&at, How::Influence)? {
            event.edges.push(Edge {
                from: from.clone(),
                to: column(dataset, None),
                how,
            });
        }
        Ok(())
    })
}

/// The facet `lineage` of a dataset, 1-0-0.
pub fn of_dataset(facet: &At<'_, '_>, dataset: &Entity, event: &mut Event) -> Result<(), Refusal> {
    target(facet, dataset, None, event)
}

/// The facet `lineage` of a job, 1-0-0.
pub fn of_job(facet: &At<'_, '_>, job: &Entity, event: &mut Event) -> Result<(), Refusal> {
    facet.need("entries")?;
    facet.each("entries", |at| {
        let entry = named(&at, Some(job))?;
        target(&at, &entry, Some(job), event)
    })
}

/// What goes into one dataset or job.
fn target(at: &At<'_, '_>, entry: &Entity, job: Option<&Entity>, event: &mut Event) -> Result<(), Refusal> {
    event.explained.push(entry.clone());
    at.each("inputs", |input| add(&input, &column(entry, None), job, event))?;
    at.entries("fields", |name, field| {
        field.object()?;
        field.each("inputs", |input| {
            add(&input, &column(entry, Some(name)), job, event)
        })
    })
}

fn add(at: &At<'_, '_>, to: &Column, job: Option<&Entity>, event: &mut Event) -> Result<(), Refusal> {
    let of = named(at, job)?;
    let field = at.get("field").map(|at| at.name()).transpose()?;
    // One column that feeds a whole dataset is a filter or the like, unless the producer says that it is not.
    let plain = if to.name.is_none() && field.is_some() {
        How::Influence
    } else {
        How::Direct
    };
    let from = column(&of, field);
    for how in ways(at, plain)? {
        event.edges.push(Edge {
            from: from.clone(),
            to: to.clone(),
            how,
        });
    }
    Ok(())
}

/// A dataset or job by its `type`; a job without a name is the one that speaks.
fn named(at: &At<'_, '_>, job: Option<&Entity>) -> Result<Entity, Refusal> {
    let kind = at.need("type")?;
    match (kind.text()?, job) {
        ("DATASET", _) => entity(at, false),
        ("JOB", Some(job)) if at.get("namespace").is_none() && at.get("name").is_none() => Ok(job.clone()),
        ("JOB", _) => entity(at, true),
        _ => Err(kind.refuse(
            ProblemCode::EventBadWord,
            "lineage leads from and to datasets and jobs",
            "use DATASET or JOB",
        )),
    }
}

fn column(of: &Entity, name: Option<&str>) -> Column {
    Column {
        of: of.clone(),
        name: name.map(Into::into),
    }
}

/// In which ways the input went in: by its transformations, or `plain` when it names none. Several may be told; of
/// the direct ones one that does not mask shows the values.
fn ways(at: &At<'_, '_>, plain: How) -> Result<Vec<How>, Refusal> {
    let (mut carries, mut masks_all, mut influences, mut any) = (false, true, false, false);
    at.each("transformations", |step| {
        any = true;
        let kind = step.need("type")?;
        if kind.text()?.eq_ignore_ascii_case("INDIRECT") {
            influences = true;
        } else {
            // A kind that is not known may well carry values.
            carries = true;
            masks_all &= step.flag("masking")?;
        }
        Ok(())
    })?;
    if !any {
        return Ok(vec![plain]);
    }
    let mut ways = Vec::new();
    if carries {
        ways.push(if masks_all || plain == How::Masked {
            How::Masked
        } else {
            How::Direct
        });
    }
    if influences {
        ways.push(How::Influence);
    }
    Ok(ways)
}
