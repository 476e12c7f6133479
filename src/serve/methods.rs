//! The calls that are told apart in numbers, lines and traces, by their paths.

/// One of them.
#[derive(Debug)]
pub struct Method {
    pub name: &'static str,
    /// As gRPC has it, without the slash before.
    pub rpc: &'static str,
    /// As HTTP has it.
    pub routes: &'static [&'static str],
}

/// How a path calls a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Rpc(&'static str),
    /// Verb and path.
    Route(&'static str),
    /// Health, reflection, and whatever is not there.
    Other,
}

/// The last stands for all others.
pub const METHODS: [Method; 9] = [
    Method { name: "Decide", rpc: "redress.v1.DecisionService/Decide", routes: &["POST /v1/decide"] },
    Method { name: "Authorize", rpc: "redress.v1.DecisionService/Authorize", routes: &["POST /v1/authorize"] },
    Method { name: "BatchDecide", rpc: "redress.v1.DecisionService/BatchDecide", routes: &["POST /v1/batch-decide"] },
    Method {
        name: "BatchAuthorize",
        rpc: "redress.v1.DecisionService/BatchAuthorize",
        routes: &["POST /v1/batch-authorize"],
    },
    Method { name: "Triage", rpc: "redress.v1.DecisionService/Triage", routes: &["POST /v1/triage"] },
    Method {
        name: "GetBundle",
        rpc: "redress.v1.PolicyService/GetBundle",
        routes: &["GET /v1/bundle", "POST /v1/get-bundle"],
    },
    Method {
        name: "ListPolicies",
        rpc: "redress.v1.PolicyService/ListPolicies",
        routes: &["GET /v1/policies", "POST /v1/list-policies"],
    },
    Method {
        name: "GetPolicy",
        rpc: "redress.v1.PolicyService/GetPolicy",
        routes: &["GET /v1/policy", "POST /v1/get-policy"],
    },
    Method { name: "other", rpc: "", routes: &[] },
];

/// Which method a path calls, by its place among them, and how.
pub fn of(path: &str) -> (usize, Way) {
    let of_rpc = |rpc: &str| METHODS.iter().position(|method| !rpc.is_empty() && method.rpc == rpc);
    if let Some(at) = path.strip_prefix('/').and_then(of_rpc) {
        return (at, METHODS.get(at).map_or(Way::Other, |method| Way::Rpc(method.rpc)));
    }
    let mut routes = METHODS.iter().enumerate().flat_map(|(at, method)| method.routes.iter().map(move |of| (at, *of)));
    let found = routes.find(|(_, route)| route.split_once(' ').is_some_and(|(_, of)| of == path));
    found.map_or((METHODS.len().saturating_sub(1), Way::Other), |(at, route)| (at, Way::Route(route)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::proto::DESCRIPTORS;
    use pbjson_types::FileDescriptorSet;
    use prost::Message as _;

    #[test]
    fn every_call_of_ours_has_its_name() {
        let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
        let ours = files.iter().filter(|file| file.package() == "redress.v1");
        let mut known = 0;
        for service in ours.flat_map(|file| &file.service) {
            for method in &service.method {
                let path = format!("/redress.v1.{}/{}", service.name(), method.name());
                let (at, way) = of(&path);
                assert_eq!((METHODS[at].name, METHODS[at].rpc), (method.name(), &path[1..]));
                assert_eq!(way, Way::Rpc(METHODS[at].rpc));
                known += 1;
            }
        }
        assert_eq!(known + 1, METHODS.len());
        for (path, name) in [
            ("/v1/decide", "Decide"),
            ("/v1/policy", "GetPolicy"),
            ("/v1/decide/", "other"),
            ("/", "other"),
            ("", "other"),
        ] {
            assert_eq!(METHODS[of(path).0].name, name, "{path}");
        }
    }
}
