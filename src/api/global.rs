//! Names for things that hold in the whole API, as Relay has them: the type and the key, packed so that nobody
//! takes them apart.

use async_graphql::connection::{CursorType as _, OpaqueCursor};
use async_graphql::{Context, ID, Interface, Object, Result};

use super::act::Act;
use super::catalogue::{Category, Field, Processor, Purpose};
use super::finding::{Finding, key};
use super::{error, findings, page, snapshot};

/// The most ids in one `nodes`.
const IDS_MAX: usize = 500;

/// Anything that has an id in this API.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "Names it in this API."))]
pub enum Node {
    /// A finding.
    Finding(Finding),
    /// An act.
    Act(Act),
    /// A processor.
    Processor(Processor),
    /// A field.
    Field(Field),
    /// A purpose.
    Purpose(Purpose),
    /// A category.
    Category(Category),
}

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A finding; its key is [`key`].
    Finding,
    /// An act.
    Act,
    /// A processor.
    Processor,
    /// A field.
    Field,
    /// A purpose.
    Purpose,
    /// A category.
    Category,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Finding,
        Self::Act,
        Self::Processor,
        Self::Field,
        Self::Purpose,
        Self::Category,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Finding => "Finding",
            Self::Act => "Act",
            Self::Processor => "Processor",
            Self::Field => "Field",
            Self::Purpose => "Purpose",
            Self::Category => "Category",
        }
    }
}

/// The id of the thing with this key.
pub fn id(kind: Kind, key: &str) -> ID {
    ID(OpaqueCursor((kind.name().to_owned(), key.to_owned())).encode_cursor())
}

/// What the id names; `None` if it is none of ours.
fn read(id: &ID) -> Option<(Kind, String)> {
    let OpaqueCursor((name, key)) = OpaqueCursor::<(String, String)>::decode_cursor(id).ok()?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
    Some((kind, key))
}

/// Things by their ids.
#[derive(Default)]
pub struct Nodes;

#[Object]
impl Nodes {
    /// The thing with this id; null if there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An `id` that this API gave.")] id: ID,
    ) -> Result<Option<Node>> {
        find(ctx, &id)
    }

    /// The things with these ids, in the same order; null for each that there is not.
    #[graphql(complexity = "page::cost(i32::try_from(ids.len()).ok(), None, child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Each an `id` that this API gave; at most 500.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > IDS_MAX {
            return Err(error::input(format!("`ids` must hold at most {IDS_MAX} ids")));
        }
        ids.iter().map(|id| find(ctx, id)).collect()
    }
}

fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let snapshot = snapshot::of(ctx)?;
    let zone = snapshot.zone();
    let Some((kind, wanted)) = read(id) else {
        return Ok(None);
    };
    Ok(match kind {
        Kind::Finding => findings::all(snapshot::of(ctx)?, None)?
            .iter()
            .find(|finding| key(finding) == wanted)
            .map(|finding| Node::Finding(Finding::new(finding, zone))),
        Kind::Act => snapshot
            .act(&wanted)
            .map_err(|problem| error::db(&problem))?
            .map(|(act, place)| Node::Act(Act::new(&act, place.as_ref(), zone))),
        Kind::Processor => (snapshot.processors().iter())
            .find(|processor| processor.id.as_str() == wanted)
            .map(|processor| Node::Processor(Processor::new(processor, snapshot))),
        Kind::Field => (snapshot.fields().iter())
            .find(|field| field.id.as_str() == wanted)
            .map(|field| Node::Field(field.into())),
        Kind::Purpose => (snapshot.purposes().iter())
            .find(|purpose| purpose.id.as_str() == wanted)
            .map(|purpose| Node::Purpose(purpose.into())),
        Kind::Category => (snapshot.categories().iter())
            .find(|category| category.id.as_str() == wanted)
            .map(|category| Node::Category(category.into())),
    })
}
