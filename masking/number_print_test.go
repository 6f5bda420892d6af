package masking_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"bauta/masking"
)

// outer holds secrets where fmt may not call methods (unexported) and where it may.
type outer[T comparable] struct {
	Exported T
	Pointer  *T
	Slice    []T
	Array    [1]T
	Values   map[string]T
	Keys     map[T]bool
	Any      any
	hidden   T
	pointer  *T
	slice    []T
	values   map[string]T
	keys     map[T]bool
	any      any
	nested   struct{ deep T }
}

// holders are all the ways to hold a value that the test prints.
func holders[T comparable](v T) map[string]any {
	o := outer[T]{
		Exported: v, Pointer: &v, Slice: []T{v}, Array: [1]T{v}, Values: map[string]T{"k": v}, Keys: map[T]bool{v: true}, Any: v,
		hidden: v, pointer: &v, slice: []T{v}, values: map[string]T{"k": v}, keys: map[T]bool{v: true}, any: v,
	}
	o.nested.deep = v
	return map[string]any{
		"bare": v, "by pointer": &v, "in a slice": []T{v}, "in a slice of pointers": []*T{&v}, "in an array": [1]T{v},
		"as map value": map[string]T{"k": v}, "as map key": map[T]int{v: 1}, "as interface": []any{v},
		"in a struct": o, "in a struct by pointer": &o, "in an anonymous struct": struct{ v T }{v},
	}
}

// outputs prints a value in every way a program prints. Errors of the printers
// are output too.
func outputs(v any) map[string]string {
	out := map[string]string{}
	for verb := range strings.SplitSeq("v +v #v s q x X d o b c U t e f g p T w 20s -20v 020d .3s +q #x #q", " ") {
		out["%"+verb] = fmt.Sprintf("%"+verb, v)
		out["error %"+verb] = fmt.Errorf("wrap: %"+verb, v).Error()
	}
	out["Sprint"] = fmt.Sprint(v)
	out["Sprintln"] = fmt.Sprintln(v, v)
	out["Append"] = string(fmt.Append(nil, v))
	out["joined"] = errors.Join(fmt.Errorf("%v", v), fmt.Errorf("%+v", v)).Error()
	var text, js bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&text, nil)), slog.New(slog.NewJSONHandler(&js, nil))} {
		log.Info("static", "value", v)
		log.With("value", v).WithGroup("g").Info("static", slog.Group("in", slog.Any("value", v)))
	}
	out["slog text"], out["slog JSON"] = text.String(), js.String()
	body, err := json.Marshal(v)
	out["json"] = string(body) + fmt.Sprint(err)
	body, err = json.MarshalIndent(v, "", " ")
	out["json indented"] = string(body) + fmt.Sprint(err)
	body, err = xml.Marshal(v)
	out["xml"] = string(body) + fmt.Sprint(err)
	return out
}

// TestIdentitiesCannotPrintThemselves is promise 1 for whatever a program may do
// with an identity but call Reveal (style.md habit 1).
func TestIdentitiesCannotPrintThemselves(t *testing.T) {
	t.Parallel()
	n := number(t, "16505551234")
	u, ok := masking.ParseUserID("US.13491208655302741918")
	if !ok {
		t.Fatal("a user id of the test was refused")
	}
	for kind, held := range map[string]map[string]any{
		"number":   holders(n),
		"user id":  holders(u),
		"identity": holders(masking.Identity{Number: n, UserID: u}),
		"person":   {"bare": masking.Person{Numbers: []masking.Number{n}, UserIDs: []masking.UserID{u}}},
		"view":     {"bare": masking.View{Own: []masking.Number{n}}},
	} {
		for how, v := range held {
			t.Run(kind+" "+how, func(t *testing.T) {
				t.Parallel()
				for printer, got := range outputs(v) {
					for _, secret := range secrets(n.Reveal(), u.Reveal()) {
						if strings.Contains(strings.ToLower(got), secret) {
							t.Errorf("%s shows %q: %s", printer, secret, got)
						}
					}
				}
			})
		}
	}
}

// secrets are the texts in the forms that fmt's verbs give to strings.
func secrets(texts ...string) []string {
	var out []string
	for _, text := range texts {
		spaced := make([]string, 0, len(text))
		for i := range len(text) {
			spaced = append(spaced, strconv.Itoa(int(text[i])))
		}
		out = append(out, strings.ToLower(text), text[len(text)-9:], fmt.Sprintf("%x", text), fmt.Sprintf("% x", text), strings.Join(spaced, " "))
	}
	return out
}

// TestThePrintersOfTheTestPrint keeps the test above from passing because its
// printers are blind.
func TestThePrintersOfTheTestPrint(t *testing.T) {
	t.Parallel()
	const secret = "16505551234"
	blind := 0
	for _, got := range outputs([]string{secret}) {
		shown := false
		for _, s := range secrets(secret) {
			shown = shown || strings.Contains(strings.ToLower(got), s)
		}
		if !shown {
			blind++
		}
	}
	if all := len(outputs([]string{secret})); blind > 6 {
		t.Errorf("%d of %d printers do not show a plain string", blind, all)
	}
}

func TestPrintedIdentitiesSayThatTheyAreHidden(t *testing.T) {
	t.Parallel()
	n := number(t, "16505551234")
	body, err := json.Marshal(map[masking.Number]masking.Number{n: n})
	if err != nil || string(body) != `{"[hidden]":"[hidden]"}` {
		t.Errorf("json: %s, %v", body, err)
	}
	if got := fmt.Sprintf("%d %s %+v", n, &n, n); got != "[hidden] [hidden] [hidden]" {
		t.Errorf("fmt: %s", got)
	}
}
