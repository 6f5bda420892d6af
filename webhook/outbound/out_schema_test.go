package outbound_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// The table of routes has no such positions yet; a new route may bring them.
func TestPositionsOfOtherShapes(t *testing.T) {
	t.Parallel()
	body := &masking.Schema{Members: map[string]*masking.Schema{
		"phone":  {Role: masking.RoleNumber},
		"input":  {Role: masking.RoleEither},
		"to":     {Role: masking.RoleEither},
		"thread": {Each: &masking.Schema{Role: masking.RoleEither}},
		"by_day": {Any: &masking.Schema{Members: map[string]*masking.Schema{"id": {Role: masking.RoleMessageID}}}},
	}}
	for name, row := range map[string]struct {
		body, want string
		err        error
	}{
		"a number only":                            {`{"phone":"{ada}"}`, `{"phone":"+15550001234"}`, nil},
		"a number only, of somebody without":       {`{"phone":"{cleo}"}`, "", outbound.ErrNeedsNumber},
		"a user id where a number only is taken":   {`{"phone":"IT.9988776655443322"}`, "", &outbound.BodyError{Position: "phone"}},
		"either, of somebody with a user id":       {`{"input":"{ada}"}`, `{"input":"US.1000200030004000"}`, nil},
		"either, of somebody with a number":        {`{"input":"{ben}"}`, `{"input":"+447700900123"}`, nil},
		"to never holds a user id":                 {`{"to":"{ada}"}`, `{"to":"+15550001234"}`, nil},
		"not even a plain one":                     {`{"to":"IT.9988776655443322"}`, "", &outbound.BodyError{Position: "to"}},
		"a list of names":                          {`{"thread":["{ada}"]}`, "", &outbound.BodyError{Position: "thread"}},
		"an id under a name of the caller's":       {`{"by_day":{"{ada}":{"id":"{ada's message}"}}}`, `{"by_day":{"{ada}":{"id":"` + inboundRaw + `"}}}`, nil},
		"a fault under such a name does not quote": {`{"by_day":{"15550001234":{"id":""}}}`, "", &outbound.BodyError{Position: "by_day.*.id"}},
		"such a name twice":                        {`{"by_day":{"x":{},"y":{},"x":{}}}`, "", &outbound.BodyError{Position: "by_day.*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			got, err := room.Out(t.Context(), outbound.Call{
				Business: &room.business, Route: &meta.Route{Name: "odd", Body: body}, Body: []byte(room.filled(row.body)),
			})
			if want, ok := errors.AsType[*outbound.BodyError](row.err); ok {
				if bad, ok := errors.AsType[*outbound.BodyError](err); !ok || bad.Position != want.Position {
					t.Errorf("got %v, want a fault at %s", err, want.Position)
				}
				return
			}
			if !errors.Is(err, row.err) {
				t.Fatalf("got %v, want %v", err, row.err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(room.filled(row.want), string(got.Body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
