package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// What a keys file says of itself, and the most bytes of it that are read: some
// 200 keys.
const (
	fileFormat = "bauta keys"
	maxFile    = 64 << 10
)

// The versions of the file. Version 2 names keys that were destroyed, version 3 has
// look-up keys. A file of version 1 or 2 is of an installation whose look-up key is the
// index key; it is written as such until it has another, for releases that know no more.
const (
	plainVersion     = 1
	destroyedVersion = 2
	lookupVersion    = 3
)

// file is the JSON of all versions. Fields are only ever added with a new version:
// a program that does not know one could drop keys when it writes.
type file struct {
	Format  string   `json:"format"`
	Version int      `json:"version"`
	Wrap    *section `json:"wrap"`
	Seal    *section `json:"seal"`
	Index   *section `json:"index"`
	// Lookup is of version 3.
	Lookup *section `json:"lookup,omitempty"`
}

// section is one key set in Tink's JSON, in clear, with the times that Tink does
// not keep, by key id.
type section struct {
	Created map[uint32]time.Time `json:"created"`
	Keyset  json.RawMessage      `json:"keyset"`
	// Destroyed is of version 2, and of wrap and lookup only: keys that were taken out,
	// and when.
	Destroyed map[uint32]time.Time `json:"destroyed,omitempty"`
}

func (f *file) section(p Purpose) **section {
	switch p {
	case Wrap:
		return &f.Wrap
	case Seal:
		return &f.Seal
	case Lookup:
		return &f.Lookup
	case Index:
	}
	return &f.Index
}

// Read reads a keys file. Errors say what is wrong with the file and never quote
// it: it is secret.
func Read(r io.Reader) (*Set, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return s, nil
}

func parse(text []byte) (*Set, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("more than %d bytes: this is no keys file", maxFile)
	}
	f, err := decode(text)
	if err != nil {
		return nil, err
	}
	handles := map[Purpose]*keyset.Handle{}
	created, destroyed := map[Purpose]map[uint32]time.Time{}, map[Purpose]map[uint32]time.Time{}
	for _, p := range purposes() {
		if p == Lookup && f.Version < lookupVersion {
			handles[p], created[p] = handles[Index], created[Index]
			continue
		}
		part := *f.section(p)
		if part == nil || len(part.Keyset) == 0 {
			return nil, fmt.Errorf("%q is missing: restore the file from its backup", p)
		}
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(part.Keyset)))
		if err != nil {
			return nil, fmt.Errorf("%q is no usable key set: restore the file from its backup", p)
		}
		handles[p], created[p], destroyed[p] = h, part.Created, part.Destroyed
	}
	return newSet(handles, created, destroyed)
}

// decode tells apart what is no JSON, another file, another version, and a
// damaged file.
func decode(text []byte) (*file, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("the file is empty: make keys with bauta keys init, or restore the backup")
	}
	if err := json.Unmarshal(text, &head); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("not JSON from byte %d on: restore the file from its backup", syntax.Offset)
		}
		return nil, errors.New("not a keys file: format or version are of another type")
	}
	if head.Format != fileFormat {
		return nil, fmt.Errorf("not a keys file: format is not %q", fileFormat)
	}
	if head.Version < plainVersion || head.Version > lookupVersion {
		return nil, fmt.Errorf("version %d of the file is unknown, this program reads versions %d to %d: use the program that wrote it",
			head.Version, plainVersion, lookupVersion)
	}
	var f file
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&f); err != nil || (f.Lookup != nil && f.Version < lookupVersion) {
		return nil, errors.New("members are unknown or of another type: restore the file from its backup")
	}
	return &f, nil
}

// Write writes the keys file, in clear: whoever has it can read what is stored.
// The caller gives it to nobody but its owner (mode 0600).
func (s *Set) Write(w io.Writer) error {
	parts := s.parts()
	f := file{Format: fileFormat, Version: plainVersion}
	if len(parts.destroyed[Wrap]) > 0 {
		f.Version = destroyedVersion
	}
	if parts.handles[Lookup] != parts.handles[Index] {
		f.Version = lookupVersion
	}
	for _, p := range purposes() {
		if p == Lookup && f.Version < lookupVersion {
			continue
		}
		var text bytes.Buffer
		if err := insecurecleartextkeyset.Write(parts.handles[p], keyset.NewJSONWriter(&text)); err != nil {
			return fmt.Errorf("write keys: %s: %w", p, err)
		}
		*f.section(p) = &section{Created: parts.created[p], Keyset: text.Bytes(), Destroyed: parts.destroyed[p]}
	}
	out, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		_, err = w.Write(append(out, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}
