//! The schema: as committed, described throughout, and readable by tools.

use wherefore::api;

use super::attacks::INTROSPECTION;
use super::client::get;
use super::fixture::{Server, path};

#[test]
fn the_committed_schema_is_that_of_the_code() {
    let file = path("schema/wherefore.graphql");
    let now = api::sdl();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &now).expect("the schema is written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == now,
        "schema/wherefore.graphql is not the schema of the code; if the change is meant, refresh it with \
         `UPDATE_GOLDEN=1 cargo test --release --test main graphql::schema` and review the difference"
    );
}

#[test]
fn the_schema_is_served_as_text() {
    let server = Server::start();
    let reply = get(server.address, "/schema.graphql");
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "text/plain; charset=utf-8")
    );
    assert_eq!(reply.text(), api::sdl());
}

#[test]
fn everything_of_ours_has_a_description() {
    let server = Server::start();
    let schema = server.data(INTROSPECTION);
    let mut missing = Vec::new();
    let lacks = |value: &serde_json::Value| value["description"].as_str().unwrap_or_default().is_empty();
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    for kind in list(&schema["__schema"]["types"]) {
        let name = kind["name"].as_str().unwrap_or_default().to_owned();
        // What belongs to GraphQL itself is described elsewhere.
        let is_library =
            name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name.as_str());
        if is_library {
            continue;
        }
        if lacks(&kind) {
            missing.push(name.clone());
        }
        for field in list(&kind["fields"]) {
            let field_name = format!("{name}.{}", field["name"]);
            if lacks(&field) {
                missing.push(field_name.clone());
            }
            for argument in list(&field["args"]) {
                if lacks(&argument) {
                    missing.push(format!("{field_name}({})", argument["name"]));
                }
            }
        }
        for part in list(&kind["inputFields"])
            .iter()
            .chain(&list(&kind["enumValues"]))
        {
            if lacks(part) {
                missing.push(format!("{name}.{}", part["name"]));
            }
        }
    }
    assert!(missing.is_empty(), "without a description: {missing:#?}");
}
