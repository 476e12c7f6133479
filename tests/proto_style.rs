//! The API's files follow the house: every element is explained, and the naming rules of buf's STANDARD set hold, so
//! that they are checked where buf is not installed.

use std::collections::BTreeSet;

use pbjson_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use prost::Message;
use redress::rpc::proto::DESCRIPTORS;

fn our_files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let ours: Vec<_> = set.file.into_iter().filter(|f| f.package().starts_with("redress.")).collect();
    assert!(ours.len() > 5, "the descriptors lack our files");
    ours
}

/// Paths, as descriptors spell them, of everything that has a comment before it.
fn explained(file: &FileDescriptorProto) -> BTreeSet<Vec<i32>> {
    let info = file.source_code_info.as_ref().unwrap();
    info.location.iter().filter(|l| !l.leading_comments().trim().is_empty()).map(|l| l.path.clone()).collect()
}

fn elements(file: &FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let at = |n: usize| i32::try_from(n).unwrap();
    let mut all = Vec::new();
    for (i, message) in file.message_type.iter().enumerate().filter(|(_, m)| !is_map_entry(m)) {
        all.push((vec![4, at(i)], message.name().to_owned()));
        for (j, field) in message.field.iter().enumerate() {
            all.push((vec![4, at(i), 2, at(j)], format!("{}.{}", message.name(), field.name())));
        }
    }
    for (i, set) in file.enum_type.iter().enumerate() {
        all.push((vec![5, at(i)], set.name().to_owned()));
        for (j, value) in set.value.iter().enumerate() {
            all.push((vec![5, at(i), 2, at(j)], value.name().to_owned()));
        }
    }
    for (i, service) in file.service.iter().enumerate() {
        all.push((vec![6, at(i)], service.name().to_owned()));
        for (j, method) in service.method.iter().enumerate() {
            all.push((vec![6, at(i), 2, at(j)], method.name().to_owned()));
        }
    }
    all
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(pbjson_types::MessageOptions::map_entry)
}

#[test]
fn everything_is_explained() {
    let mut bare = Vec::new();
    for file in our_files() {
        let explained = explained(&file);
        bare.extend(elements(&file).into_iter().filter(|(path, _)| !explained.contains(path)).map(|(_, name)| name));
    }
    assert_eq!(bare, Vec::<String>::new(), "without a comment");
}

#[test]
fn files_lie_where_their_package_says() {
    for file in our_files() {
        assert_eq!(file.package(), "redress.v1", "{}", file.name());
        let name = file.name().strip_prefix("redress/v1/").and_then(|n| n.strip_suffix(".proto")).unwrap();
        assert!(is_snake(name), "{}", file.name());
    }
}

#[test]
fn names_follow_buf_standard() {
    for file in our_files() {
        for message in &file.message_type {
            assert!(is_pascal(message.name()), "message {}", message.name());
            assert!(message.nested_type.iter().all(is_map_entry), "{}: keep messages at the top", message.name());
            for field in &message.field {
                assert!(is_snake(field.name()), "{}.{}", message.name(), field.name());
            }
            assert!(message.oneof_decl.iter().all(|one| is_oneof(one.name())), "{}", message.name());
        }
        file.enum_type.iter().for_each(enum_follows);
    }
}

fn enum_follows(set: &EnumDescriptorProto) {
    assert!(is_pascal(set.name()), "enum {}", set.name());
    assert!(!set.options.as_ref().is_some_and(pbjson_types::EnumOptions::allow_alias), "{}", set.name());
    let mut prefix = String::new();
    for c in set.name().chars() {
        if c.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(c.to_ascii_uppercase());
    }
    let zero = &set.value[0];
    assert_eq!((zero.name(), zero.number()), (format!("{prefix}_UNSPECIFIED").as_str(), 0));
    for value in &set.value {
        assert!(value.name().starts_with(&format!("{prefix}_")), "{}", value.name());
        assert_eq!(value.name(), value.name().to_uppercase());
    }
}

#[test]
fn methods_have_messages_of_their_own() {
    let mut used = BTreeSet::new();
    for service in our_files().iter().flat_map(|f| &f.service) {
        assert!(service.name().ends_with("Service"), "service {}", service.name());
        for method in &service.method {
            assert!(is_pascal(method.name()), "{}", method.name());
            assert_eq!(method.input_type(), format!(".redress.v1.{}Request", method.name()));
            assert_eq!(method.output_type(), format!(".redress.v1.{}Response", method.name()));
            assert!(used.insert(method.name().to_owned()), "{} is there twice", method.name());
        }
    }
    assert_eq!(used.len(), 8);
}

#[test]
fn files_import_what_they_use_and_nothing_else() {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let defined_in = |ty: &str| {
        let name = |package: &str, name: &str| format!(".{package}.{name}") == *ty;
        let file = set.file.iter().find(|file| {
            file.message_type.iter().any(|message| name(file.package(), message.name()))
                || file.enum_type.iter().any(|set| name(file.package(), set.name()))
        });
        file.map(|file| file.name().to_owned())
    };
    for file in our_files() {
        assert_eq!(file.syntax(), "proto3", "{}", file.name());
        assert!(file.public_dependency.is_empty() && file.weak_dependency.is_empty(), "{}", file.name());
        // What a map holds is in an entry inside the message.
        let messages =
            file.message_type.iter().flat_map(|message| std::iter::once(message).chain(&message.nested_type));
        let fields = messages.flat_map(|message| &message.field).map(|field| field.type_name().to_owned());
        let methods = file.service.iter().flat_map(|service| &service.method);
        let methods = methods.flat_map(|method| [method.input_type().to_owned(), method.output_type().to_owned()]);
        let used: BTreeSet<String> = fields.chain(methods).filter_map(|ty| defined_in(&ty)).collect();
        let imported: BTreeSet<String> = file.dependency.iter().cloned().collect();
        let used: BTreeSet<String> = used.into_iter().filter(|used| used != file.name()).collect();
        assert_eq!(used, imported, "{}", file.name());
    }
}

fn is_snake(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A field that may be absent is a choice of one, which the compiler names.
fn is_oneof(name: &str) -> bool {
    is_snake(name.strip_prefix('_').unwrap_or(name))
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}
