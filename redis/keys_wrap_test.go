package redis_test

import (
	"encoding/base64"
	"testing"

	"bauta/redis"
)

func TestNamesOfDataKeysAreReadBack(t *testing.T) {
	t.Parallel()
	k := redis.NewKeys(256)
	id := base64.RawURLEncoding.EncodeToString([]byte("sixteen bytes :)"))
	for name, want := range map[string][3]string{
		k.Business("acme"):                {"acme", "", "key"},
		k.Business("_main"):               {"_main", "", "key"},
		k.Customer("acme", id):            {"acme", id, "k"},
		k.Forms("acme", id, 3):            {},
		k.Handle("acme", "9041174520"):    {},
		k.Identity("c:acme", id):          {},
		k.Held(7, "acme", "c:acme:"+id):   {},
		"bauta:{999}:c:acme:" + id:        {},
		"bauta:{012}:c:acme":              {},
		"other:{012}:c:acme:" + id:        {},
		"bauta:{001}:l:acme:crm:}:c:a:b1": {},
	} {
		business, customer, field, ok := k.DataKeyOf(name)
		if !ok {
			business, customer, field = "", "", ""
		}
		if ok != (want != [3]string{}) || [3]string{business, customer, field} != want {
			t.Errorf("%s: %q %q %q %t, want %q", name, business, customer, field, ok, want)
		}
	}
}

func TestIdentityOfReadsWhatIdentityGave(t *testing.T) {
	t.Parallel()
	k := redis.NewKeys(256)
	for name, c := range map[string]struct {
		text, business, tag string
		ok                  bool
	}{
		"under the index key":  {k.Identity("acme", "abcdefghijklmnopqrstuv"), "acme", "", true},
		"under a look-up key":  {k.Identity("acme", "abcdefghijklmnopqrstuv.AbC-_1"), "acme", ".AbC-_1", true},
		"of no business":       {"bauta:id:", "", "", false},
		"another kind of name": {"bauta:handle:acme:0123456789", "", "", false},
	} {
		if business, tag, ok := k.IdentityOf(c.text); business != c.business || tag != c.tag || ok != c.ok {
			t.Errorf("%s: %q, %q, %t", name, business, tag, ok)
		}
	}
}
