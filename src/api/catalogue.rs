//! The catalogue: who and what the facts speak of.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::act::Act;
use super::global::{self, Kind};
use super::moment::RecordMoment;
use super::page::{self, Page, Wanted};
use super::step::texts;
use super::time::DateTime;
use super::words::{ProcessorKind, State};
use super::{error, snapshot};
use crate::db::Snapshot;
use crate::model::fact;

/// A change of country, of the organization around a processor, or of both.
#[derive(SimpleObject)]
pub struct Move {
    /// From this instant on.
    at: DateTime,
    /// The new country, if it changes.
    country: Option<String>,
    /// The key of the processor that it lies inside from then on, if that changes.
    inside: Option<String>,
}

/// Any party or system that handles data, whatever its role.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Processor {
    /// Names the processor in this API.
    pub id: ID,
    /// Its id in the facts.
    key: String,
    /// What it is, seen from outside.
    kind: ProcessorKind,
    /// The group of companies that it belongs to.
    group: Option<String>,
    /// The country where it was before its first move; null when it says none: it is then where what it lies inside is, and
    /// part of no crossing when nobody says.
    country: Option<String>,
    /// The key of the processor that it lies inside before its first move.
    inside: Option<String>,
    /// Its changes of country and organization, in order.
    moves: Vec<Move>,
    /// The safeguards that it always has.
    safeguards: Vec<String>,
    /// Whether its data comes from a lawful source.
    lawful_source: bool,
    #[graphql(skip)]
    snapshot: Snapshot,
}

#[ComplexObject]
impl Processor {
    /// The key of its organization: the outermost that it lies inside at an instant and that is no group, or itself.
    async fn organization(
        &self,
        #[graphql(desc = "At this instant; if absent, at that of the facts.")] at: Option<DateTime>,
    ) -> Option<String> {
        let at = at.map_or(self.snapshot.as_of(), |at| at.instant());
        let organization = self.snapshot.organization(&self.key.as_str().into(), at);
        organization.map(|id| id.to_string())
    }
}

impl Processor {
    /// The processor as a snapshot knows it.
    pub fn new(processor: &fact::Processor, snapshot: &Snapshot) -> Self {
        let zone = snapshot.zone();
        Self {
            snapshot: snapshot.clone(),
            id: global::id(Kind::Processor, processor.id.as_str()),
            key: processor.id.to_string(),
            kind: processor.kind.into(),
            group: processor.group.clone(),
            country: processor.country.as_ref().map(ToString::to_string),
            inside: processor.inside.as_ref().map(ToString::to_string),
            moves: (processor.moves.iter())
                .map(|change| Move {
                    at: DateTime::new(change.at, zone),
                    country: change.country.as_ref().map(ToString::to_string),
                    inside: change.inside.as_ref().map(ToString::to_string),
                })
                .collect(),
            safeguards: texts(&processor.safeguards),
            lawful_source: processor.lawful_source,
        }
    }
}

/// A data item: a column, an attribute, a part of a document.
#[derive(SimpleObject)]
pub struct Field {
    /// Names the field in this API.
    pub id: ID,
    /// Its id in the facts.
    key: String,
    /// The ids of its categories.
    categories: Vec<String>,
    /// Whether it identifies a person.
    state: State,
}

impl From<&fact::Field> for Field {
    fn from(field: &fact::Field) -> Self {
        Self {
            id: global::id(Kind::Field, field.id.as_str()),
            key: field.id.to_string(),
            categories: texts(&field.categories),
            state: field.state.into(),
        }
    }
}

/// What data is processed for. A purpose covers all below it.
#[derive(SimpleObject)]
pub struct Purpose {
    /// Names the purpose in this API.
    pub id: ID,
    /// Its id in the facts.
    key: String,
    /// The id of the purpose above it.
    parent: Option<String>,
    /// The fields that it needs; null when nothing is said about them.
    needs: Option<Vec<String>>,
}

impl From<&fact::Purpose> for Purpose {
    fn from(purpose: &fact::Purpose) -> Self {
        Self {
            id: global::id(Kind::Purpose, purpose.id.as_str()),
            key: purpose.id.to_string(),
            parent: purpose.parent.as_ref().map(ToString::to_string),
            needs: purpose.needs.as_ref().map(|fields| texts(fields)),
        }
    }
}

/// A kind of data.
#[derive(SimpleObject)]
pub struct Category {
    /// Names the category in this API.
    pub id: ID,
    /// Its id in the facts.
    key: String,
    /// The id of the category above it.
    parent: Option<String>,
    /// Whether it is declared sensitive; everything below it is then sensitive too.
    sensitive: bool,
}

impl From<&fact::Category> for Category {
    fn from(category: &fact::Category) -> Self {
        Self {
            id: global::id(Kind::Category, category.id.as_str()),
            key: category.id.to_string(),
            parent: category.parent.as_ref().map(ToString::to_string),
            sensitive: category.sensitive,
        }
    }
}

/// The catalogue.
#[derive(Default)]
pub struct Catalogue;

macro_rules! listed {
    ($ctx:ident.$list:ident, $known_at:expr, $wanted:expr, $of:ident => $make:expr) => {{
        let snapshot = snapshot::known_at($ctx, $known_at.as_ref())?;
        let mut items: Vec<_> = snapshot.$list().into_iter().collect();
        items.sort_by(|a, b| a.id.cmp(&b.id));
        let $of = &snapshot;
        page::cut(
            items.len(),
            |place| &items[place],
            &$wanted,
            |item| item.id.to_string(),
            $make,
        )
    }};
}

#[Object]
impl Catalogue {
    /// All processors, sorted by their ids.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn processors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This many from the beginning: 50 if absent, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Behind the entry of this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, at most 500; not together with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Before the entry of this cursor.")] before: Option<String>,
        #[graphql(desc = "As they were recorded up to this moment; if absent, all that are on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Page<Processor>> {
        listed!(ctx.processors, as_known_at, Wanted { first, after, last, before }, snapshot => |item| Processor::new(item, snapshot))
    }

    /// All fields, sorted by their ids.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn fields(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This many from the beginning: 50 if absent, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Behind the entry of this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, at most 500; not together with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Before the entry of this cursor.")] before: Option<String>,
        #[graphql(desc = "As they were recorded up to this moment; if absent, all that are on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Page<Field>> {
        listed!(ctx.fields, as_known_at, Wanted { first, after, last, before }, _snapshot => |item| item.into())
    }

    /// All purposes, sorted by their ids.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn purposes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This many from the beginning: 50 if absent, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Behind the entry of this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, at most 500; not together with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Before the entry of this cursor.")] before: Option<String>,
        #[graphql(desc = "As they were recorded up to this moment; if absent, all that are on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Page<Purpose>> {
        listed!(ctx.purposes, as_known_at, Wanted { first, after, last, before }, _snapshot => |item| item.into())
    }

    /// All categories, sorted by their ids.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This many from the beginning: 50 if absent, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Behind the entry of this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, at most 500; not together with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Before the entry of this cursor.")] before: Option<String>,
        #[graphql(desc = "As they were recorded up to this moment; if absent, all that are on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Page<Category>> {
        listed!(ctx.categories, as_known_at, Wanted { first, after, last, before }, _snapshot => |item| item.into())
    }

    /// One act, by its id in the facts.
    async fn act(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the act in the facts, such as the `act` of a step.")] id: String,
        #[graphql(desc = "As it was recorded up to this moment; if absent, as it is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Act> {
        let snapshot = snapshot::known_at(ctx, as_known_at.as_ref())?;
        match snapshot.act(&id).map_err(|problem| error::db(&problem))? {
            Some((act, place)) => Ok(Act::new(&act, place.as_ref(), snapshot.zone())),
            None => Err(error::not_found("act", &id)),
        }
    }
}
