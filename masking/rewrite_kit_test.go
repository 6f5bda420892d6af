package masking_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// The people of the tests: the customer of identity.md Appendix A, a second
// one, and the business. All numbers are invented.
const (
	adaNumber = "16505550142"
	adaID     = "US.7430000000000001"
	adaParent = "US.ENT.7430000000000009"
	beaNumber = "393331234567"
	beaID     = "IT.8520000000000002"
	ownNumber = "15550783881"

	adaLong  = "US.9041174520836617350284"
	adaPhone = "999904117452012"
	beaLong  = "IT.1111174520836617350299"
	beaPhone = "999111117452077"
)

func userIDOf(tb testing.TB, text string) masking.UserID {
	tb.Helper()
	u, ok := masking.ParseUserID(text)
	if !ok {
		tb.Fatalf("the test's user id %q is none", text)
	}
	return u
}

func ada(tb testing.TB) masking.Person {
	tb.Helper()
	return masking.Person{
		Numbers: []masking.Number{number(tb, adaNumber)},
		UserIDs: []masking.UserID{userIDOf(tb, adaID), userIDOf(tb, adaParent)},
		Handle:  masking.Handle{Country: "US", Long: adaLong[3:], Phone: adaPhone},
	}
}

func bea(tb testing.TB) masking.Person {
	tb.Helper()
	return masking.Person{
		Numbers: []masking.Number{number(tb, beaNumber)},
		UserIDs: []masking.UserID{userIDOf(tb, beaID)},
		Handle:  masking.Handle{Country: "IT", Long: beaLong[3:], Phone: beaPhone},
	}
}

func shown(p masking.Person) masking.Person {
	p.Visible, p.RawIDs = true, true
	return p
}

func viewOf(tb testing.TB, shape masking.Shape) masking.View {
	tb.Helper()
	return masking.View{Shape: shape, ShowCountry: true, ForeignPass: true, Own: []masking.Number{number(tb, ownNumber)}}
}

// sealer stands in for the platform's message ids: it seals every id once, and
// none when nobody is hidden.
type sealer struct{}

func (sealer) Mask(raw string, people []masking.Person) string {
	hidden := false
	for i := range people {
		hidden = hidden || !people[i].Visible
	}
	if !hidden || strings.Contains(raw, "sealed") {
		return raw
	}
	sum := sha256.Sum256([]byte(raw))
	return raw[:strings.IndexByte(raw, '.')+1] + "sealed" + hex.EncodeToString(sum[:4])
}

func roleOf(role masking.Role) *masking.Schema { return &masking.Schema{Role: role} }

func membersOf(members map[string]*masking.Schema) *masking.Schema {
	return &masking.Schema{Members: members}
}

func eachOf(s *masking.Schema) *masking.Schema { return &masking.Schema{Each: s} }

// envelope describes a small part of the platform's messages.
func envelope() *masking.Schema {
	message := membersOf(map[string]*masking.Schema{
		"from":                {Role: masking.RoleNumber, Pair: "from_user_id"},
		"from_user_id":        {Role: masking.RoleUserID, Pair: "from"},
		"from_parent_user_id": roleOf(masking.RoleRemove),
		"id":                  roleOf(masking.RoleMessageID),
		"timestamp":           roleOf(masking.RoleOpaque),
		"type":                roleOf(masking.RoleOpaque),
		"text":                membersOf(map[string]*masking.Schema{"body": nil}),
		"context": membersOf(map[string]*masking.Schema{
			"from": {Role: masking.RoleNumber, Pair: "user_id"},
			"id":   roleOf(masking.RoleMessageID),
		}),
		"interactive": membersOf(map[string]*masking.Schema{
			"response_json": roleOf(masking.RoleJSON),
			"payload":       roleOf(masking.RoleEcho),
			"notes":         roleOf(masking.RoleEcho),
		}),
		"phones": eachOf(membersOf(map[string]*masking.Schema{"phone": roleOf(masking.RoleCard)})),
		"errors": eachOf(membersOf(map[string]*masking.Schema{"title": roleOf(masking.RoleError), "code": roleOf(masking.RoleOpaque)})),
		"input":  roleOf(masking.RoleEither),
		"inputs": eachOf(roleOf(masking.RoleEither)),
		"link":   roleOf(masking.RoleInviteLink),
		"hash":   roleOf(masking.RoleOpaque),
	})
	contact := membersOf(map[string]*masking.Schema{
		"wa_id":          {Role: masking.RoleNumber, Pair: "user_id"},
		"user_id":        {Role: masking.RoleUserID, Pair: "wa_id"},
		"parent_user_id": roleOf(masking.RoleRemove),
		"profile": membersOf(map[string]*masking.Schema{
			"name": roleOf(masking.RoleProfileName), "username": roleOf(masking.RoleUsername),
		}),
	})
	value := membersOf(map[string]*masking.Schema{
		"contacts": eachOf(contact), "messages": eachOf(message), "message": message, "contact": contact,
	})
	return membersOf(map[string]*masking.Schema{
		"entry": eachOf(membersOf(map[string]*masking.Schema{"changes": eachOf(membersOf(map[string]*masking.Schema{"value": value}))})),
		"value": value,
	})
}

func jobOf(tb testing.TB, source string, shape masking.Shape, people ...masking.Person) masking.Job {
	tb.Helper()
	doc, err := jsontree.Parse([]byte(source))
	if err != nil {
		tb.Fatalf("the test's document: %v", err)
	}
	subject := 0
	if len(people) == 0 {
		subject = -1
	}
	return masking.Job{
		Doc: doc, Schema: envelope(), People: people, Subject: subject,
		View: viewOf(tb, shape), IDs: sealer{},
	}
}

func rewriteOf(tb testing.TB, j masking.Job) masking.Result {
	tb.Helper()
	result, err := masking.NewRewriter().Rewrite(j)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := jsontree.Parse(result.Body); err != nil {
		tb.Fatalf("the result is no JSON: %v\n%s", err, result.Body)
	}
	return result
}
