package outbound

import (
	"net/url"
	"strings"

	"bauta/masking/jsontree"
)

// The names of the parts of a page.
const (
	pagingKey = "paging"
	afterKey  = "after"
	beforeKey = "before"
)

// pages writes the pages of a list anew: the cursors sealed, the next and previous
// URL led to Bauta. Nothing else of the platform's is in it, its URLs least of
// all, which hold the access token.
func (r *reading) pages() ([]byte, bool) {
	if !r.o.call.Route.Paged {
		return []byte("{}"), true
	}
	at := r.doc.Member(0, pagingKey)
	cursors := r.doc.Member(at, "cursors")
	out := []byte("{")
	var ok bool
	sealed := map[string]string{}
	for _, side := range [...]struct{ cursor, page string }{{beforeKey, "previous"}, {afterKey, "next"}} {
		cursor, _ := r.doc.String(r.doc.Member(cursors, side.cursor))
		page, _ := r.doc.String(r.doc.Member(at, side.page))
		if cursor == "" {
			cursor = parameter(page, side.cursor)
		}
		if cursor == "" {
			continue
		}
		if sealed[side.cursor], ok = r.seal(cursor); !ok {
			return nil, false
		}
		if page != "" {
			out = append(out, '"')
			out = append(append(append(out, side.page...), `":`...), quoted(r.page(side.cursor, sealed[side.cursor]))...)
			out = append(out, ',')
		}
	}
	if cursors != jsontree.None || len(sealed) > 0 {
		out = append(out, `"cursors":{`...)
		for _, side := range [...]string{beforeKey, afterKey} {
			if sealed[side] != "" {
				out = append(append(append(out, '"'), side...), `":`...)
				out = append(append(out, quoted(sealed[side])...), ',')
			}
		}
		out = append(trimComma(out), '}')
	}
	return append(trimComma(out), '}'), true
}

func trimComma(out []byte) []byte {
	if out[len(out)-1] == ',' {
		return out[:len(out)-1]
	}
	return out
}

func (r *reading) seal(cursor string) (string, bool) {
	sealed, err := r.t.sealCursor(&r.o.call, cursor)
	return sealed, err == nil
}

// page is the URL of another page: the call again, with another cursor.
func (r *reading) page(side, cursor string) string {
	c := &r.o.call
	query := url.Values{}
	for name, values := range c.Query {
		if _, allowed := c.Route.Query[name]; allowed || name == "fields" {
			query[name] = values
		}
	}
	query.Del(afterKey)
	query.Del(beforeKey)
	query.Set(side, cursor)
	path := strings.TrimSuffix(c.Base, "/") + "/" + url.PathEscape(c.Object)
	if c.Route.Edge != "" {
		path += "/" + c.Route.Edge
	}
	return path + "?" + query.Encode()
}

// parameter reads a parameter of the platform's URL.
func parameter(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get(name)
}
