package reply

import (
	"net/url"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

func TestPathsMeanOneThing(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]place{
		"/123":                         {"", "123", ""},
		"/123/messages":                {"", "123", "messages"},
		"/v25.0/123/messages":          {"v25.0", "123", "messages"},
		"/v1.0/123":                    {"v1.0", "123", ""},
		"/v250.12/123/a/b":             {"v250.12", "123", "a/b"},
		"/v25/123":                     {"", "v25", "123"},
		"/Y2FwaQ%3D%3D/participants":   {"", "Y2FwaQ==", "participants"},
		"/123/":                        {"", "123", ""},
		"/v25.0/123/messages/":         {"v25.0", "123", "messages"},
		"/123/messages//":              {},
		"/v25.0/v24.0":                 {},
		"/v25.0/v25.0/123/messages":    {},
		"/":                            {},
		"":                             {},
		"/v25.0":                       {},
		"/v25.0/":                      {},
		"//123":                        {},
		"/123//messages":               {},
		"/123/../124":                  {},
		"/123/./messages":              {},
		"/123/%2e%2e/124":              {},
		"/123%2fmessages":              {},
		"/123/mess%00ages":             {},
		"/123/mess ages":               {},
		"/123/%zz":                     {},
		"/123/me;x=1":                  {},
		"/123/ü":                       {},
		"/a/b/c/d":                     {},
		"/v25.0/a/b/c/d":               {},
		"/" + strings.Repeat("1", 257): {},
		"*":                            {},
	} {
		got, _, ok := splitPath(path)
		if ok != (want != place{}) || ok && got != want {
			t.Errorf("%s: %v %v, want %v", path, got, ok, want)
		}
	}
}

func TestWhatIsWrongWithAPathIsSaid(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v25.0/v25.0/123/messages":       pathTwoVersions,
		"/v25.0/v24.0/123/messages/a/b/c": pathTwoVersions,
		"/v25.0//123/messages":            pathEmptyPart,
		"//v25.0/123/messages":            pathEmptyPart,
		"//":                              pathEmptyPart,
		"/v25.0/123//":                    pathEmptyPart,
		"/v25.0//messages":                pathEmptyPart,
		"/v25.0":                          pathNothingNamed,
		"/v25.0/":                         pathNothingNamed,
		"/":                               pathNothingNamed,
		"/123/%2e%2e/124":                 "",
		"/a/b/c/d":                        "",
	} {
		if got, wrong, ok := splitPath(path); ok || wrong != want {
			t.Errorf("%s: %v %q, want %q", path, got, wrong, want)
		}
	}
}

func FuzzPathsMeanOneThing(f *testing.F) {
	for _, seed := range []string{"/v25.0/123/messages", "/123", "/%2e%2e/x", "/a/b/c", "//", "/v1.0/Y2FwaQ%3D%3D/participants"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, _, ok := splitPath(path)
		if !ok {
			return
		}
		whole := "/" + p.object
		if p.version != "" {
			whole = "/" + p.version + whole
		}
		if p.edge != "" {
			whole += "/" + p.edge
		}
		if strings.ContainsAny(whole, "%?#\\ \"<>\x00") || strings.Contains(whole, "//") || strings.Contains(whole+"/", "/../") || strings.Contains(whole+"/", "/./") {
			t.Errorf("%q became %q", path, whole)
		}
		if again, _, ok := splitPath(whole); !ok || again != p {
			t.Errorf("%q means %v, and what it means means %v", path, p, again)
		}
		if u, err := url.Parse("https://graph.example" + whole); err != nil || u.Path != whole || u.Host != "graph.example" {
			t.Errorf("%q makes another URL", path)
		}
	})
}

func FuzzQueriesHaveWhatIsAllowed(f *testing.F) {
	for _, seed := range []string{"limit=1&after=x", "fields=id,name", "fields=id{name}", "fields=", "ids=1", "+393331112233=1", "limit=1&limit=2", "%zz", "a;b", "access_token=1"} {
		f.Add(seed)
	}
	route := &meta.Route{Query: map[string]*masking.Schema{"limit": {}, "after": {}}, Fields: []string{"id", "name"}}
	f.Fuzz(func(t *testing.T, raw string) {
		r := &request{route: route}
		r.parseQuery(raw)
		err := r.checkQuery()
		if err == nil {
			for name, values := range r.query {
				if len(values) != 1 || name != "limit" && name != "after" && name != "fields" {
					t.Errorf("%q is allowed", raw)
				}
			}
			if fields := r.query["fields"]; fields != nil && strings.Trim(strings.ReplaceAll(strings.ReplaceAll(fields[0], "id", ""), "name", ""), ",") != "" {
				t.Errorf("the fields %q are allowed", fields[0])
			}
			return
		}
		f, ok := err.(*failure) //nolint:errorlint // checkQuery returns nothing else
		if !ok || f.fault.Name != meta.FaultBadParameter {
			t.Fatal(err)
		}
		if details := strings.ReplaceAll(f.fault.Details, "8 KiB", ""); strings.ContainsAny(details, "0123456789+%") {
			t.Errorf("the details repeat what was sent: %s", details)
		}
	})
}
