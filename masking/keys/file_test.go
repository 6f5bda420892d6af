package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"bauta/masking/keys"
)

// changed returns a good file with members replaced; a nil value takes one out.
func changed(t *testing.T, changes map[string]string) string {
	t.Helper()
	var file map[string]json.RawMessage
	if err := json.Unmarshal(written(t, generate(t)), &file); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		if value == "" {
			delete(file, name)
			continue
		}
		file[name] = json.RawMessage(value)
	}
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func memberOf(t *testing.T, name string) string {
	t.Helper()
	file, _ := sectionOf(t, written(t, generate(t)), name)
	return string(file[name])
}

// cmacSection is a key set that Tink reads and Bauta has no use for.
func cmacSection(t *testing.T) string {
	t.Helper()
	h, err := keyset.NewHandle(prf.AESCMACPRFKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&out)); err != nil {
		t.Fatal(err)
	}
	return `{"keyset":` + out.String() + `}`
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := string(written(t, generate(t)))
	_, index := sectionOf(t, []byte(good), "index")
	for name, c := range map[string]struct{ text, want string }{
		"an empty file":                 {" \n", "bauta keys init"},
		"half a file":                   {good[:len(good)/2], "not JSON from byte"},
		"another kind of file":          {`{"format":"something"}`, `format is not "bauta keys"`},
		"a list":                        {`[1]`, "not a keys file"},
		"a version in words":            {`{"format":"bauta keys","version":"one"}`, "not a keys file"},
		"a newer file":                  {changed(t, map[string]string{"version": "4"}), "version 4 of the file is unknown"},
		"look-up keys too early":        {changed(t, map[string]string{"version": "1"}), "members are unknown"},
		"without look-up keys":          {changed(t, map[string]string{"lookup": ""}), `"lookup" is missing`},
		"look-up keys of another kind":  {changed(t, map[string]string{"lookup": memberOf(t, "wrap")}), `"lookup" holds a key of another kind`},
		"an unknown member":             {changed(t, map[string]string{"more": "1"}), "members are unknown"},
		"a member of another type":      {changed(t, map[string]string{"wrap": `"text"`}), "of another type"},
		"a key set is missing":          {changed(t, map[string]string{"seal": ""}), `"seal" is missing`},
		"a key set is empty":            {changed(t, map[string]string{"seal": `{}`}), `"seal" is missing`},
		"a key set without keys":        {changed(t, map[string]string{"wrap": `{"keyset":{}}`}), `"wrap" is no usable key set`},
		"a key set that is text":        {changed(t, map[string]string{"wrap": `{"keyset":"x"}`}), `"wrap" is no usable key set`},
		"key sets were mixed up":        {changed(t, map[string]string{"wrap": memberOf(t, "seal")}), `"wrap" holds a key of another kind`},
		"seal got another's keys":       {changed(t, map[string]string{"seal": memberOf(t, "index")}), `"seal" holds a key of another kind`},
		"index got another's keys":      {changed(t, map[string]string{"index": memberOf(t, "wrap")}), `"index" holds a key of another kind`},
		"a key of a kind we do not use": {changed(t, map[string]string{"wrap": cmacSection(t)}), `"wrap" holds a key of another kind`},
		"a second index key":            {string(withSecondKey(t, []byte(good), "index")), `"index" holds 2 keys`},
		"the primary is disabled":       {strings.ReplaceAll(good, "ENABLED", "DISABLED"), `"wrap" is no usable key set`},
		"a file without end":            {good + strings.Repeat(" ", 70_000), "more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := keys.Read(strings.NewReader(c.text))
			if err == nil || s != nil {
				t.Fatal("it was read")
			}
			if got := err.Error(); !strings.HasPrefix(got, "read keys: ") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
			if len(err.Error()) > 200 || strings.Contains(err.Error(), string(index.Keyset)) {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func TestReadAndWritePassErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	if _, err := keys.Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("read: %v", err)
	}
	if err := generate(t).Write(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("write: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestDisabledKeysAreListedAsSuch(t *testing.T) {
	t.Parallel()
	file, part := sectionOf(t, withSecondKey(t, written(t, generate(t)), "wrap"), "wrap")
	// The old key comes first in the set.
	part.Keyset = bytes.Replace(part.Keyset, []byte("ENABLED"), []byte("DISABLED"), 1)
	s := read(t, replaced(t, file, "wrap", part))
	if got := s.List()[0]; got.Status != "disabled" || got.Primary {
		t.Errorf("got %+v", got)
	}
	if got := s.List()[1]; got.Status != "enabled" || !got.Primary {
		t.Errorf("got %+v", got)
	}
}

func FuzzRead(f *testing.F) {
	good := written(f, generate(f))
	f.Add(good)
	f.Add(bytes.Replace(good, []byte(`"version": 3`), []byte(`"version": 2`), 1))
	f.Add(earlier(f))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := keys.Read(bytes.NewReader(text))
		if (s == nil) == (err == nil) {
			t.Fatal("neither keys nor an error, or both")
		}
		if s != nil && s.Fingerprint() != read(t, written(t, s)).Fingerprint() {
			t.Fatal("written keys are other keys")
		}
		if s != nil && !slices.EqualFunc(s.Lookups(), read(t, written(t, s)).Lookups(), sameNames) {
			t.Fatal("written look-up keys are other keys")
		}
	})
}
