package keys_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"bauta/masking/keys"
)

func generate(tb testing.TB) *keys.Set {
	tb.Helper()
	s, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func written(tb testing.TB, s *keys.Set) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func read(tb testing.TB, text []byte) *keys.Set {
	tb.Helper()
	s, err := keys.Read(bytes.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// earlier is a fresh key set as releases wrote it that knew no look-up keys.
func earlier(tb testing.TB) []byte {
	tb.Helper()
	file, _ := sectionOf(tb, written(tb, generate(tb)), "index")
	delete(file, "lookup")
	return replaced(tb, file, "version", 1)
}

// section is one key set of a written file.
type section struct {
	Created map[string]time.Time `json:"created"`
	Keyset  json.RawMessage      `json:"keyset"`
}

func sectionOf(tb testing.TB, text []byte, name string) (map[string]json.RawMessage, section) {
	tb.Helper()
	var file map[string]json.RawMessage
	if err := json.Unmarshal(text, &file); err != nil {
		tb.Fatal(err)
	}
	var s section
	if err := json.Unmarshal(file[name], &s); err != nil {
		tb.Fatal(err)
	}
	return file, s
}

func handleOf(tb testing.TB, s section) *keyset.Handle {
	tb.Helper()
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(s.Keyset)))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// withSecondKey rotates: a second key of the same kind becomes the primary.
func withSecondKey(tb testing.TB, text []byte, name string) []byte {
	tb.Helper()
	file, s := sectionOf(tb, text, name)
	_, fresh := sectionOf(tb, written(tb, generate(tb)), name)
	manager := keyset.NewManagerFromHandle(handleOf(tb, s))
	entry, err := handleOf(tb, fresh).Primary()
	if err != nil {
		tb.Fatal(err)
	}
	id, err := manager.AddNewKeyFromParameters(entry.Key().Parameters())
	if err != nil {
		tb.Fatal(err)
	}
	if err := manager.SetPrimary(id); err != nil {
		tb.Fatal(err)
	}
	h, err := manager.Handle()
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&out)); err != nil {
		tb.Fatal(err)
	}
	s.Keyset = out.Bytes()
	return replaced(tb, file, name, s)
}

func replaced(tb testing.TB, file map[string]json.RawMessage, name string, value any) []byte {
	tb.Helper()
	part, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	file[name] = part
	out, err := json.Marshal(file)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// rawKey returns the key itself, which ends the only key's serialised value.
func rawKey(tb testing.TB, file []byte, purpose string, length int) []byte {
	tb.Helper()
	_, part := sectionOf(tb, file, purpose)
	var set struct {
		Key []struct {
			KeyData struct {
				Value []byte `json:"value"`
			} `json:"keyData"`
		} `json:"key"`
	}
	if err := json.Unmarshal(part.Keyset, &set); err != nil || len(set.Key) != 1 || len(set.Key[0].KeyData.Value) < length {
		tb.Fatalf("%d keys, %v", len(set.Key), err)
	}
	value := set.Key[0].KeyData.Value
	return value[len(value)-length:]
}
