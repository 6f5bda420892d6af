package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 4 << 20

// Load reads and checks a configuration file. The error is Faults (every mistake
// at once) or says why the file cannot be read. Env looks a variable up.
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	c, faults, err := Draft(path, env, AllSecrets)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

// Draft is Load for whoever has more to check: beside the faults comes what could
// be read, nil if nothing could. With faults it is good for nothing else. Secrets
// that are not needed and cannot be had are zero, and no fault.
func Draft(path string, env func(string) (string, bool), needed Secrets) (*Config, Faults, error) {
	data, err := readBounded(path, maxFile)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: cannot be read: %s (check the path and its permissions)", path, reasonOf(err))
	}
	d := newDecoder(path, env)
	d.needed = needed
	c, faults, err := d.draft(data)
	if err != nil || c == nil {
		return nil, faults, err
	}
	if problem, advice := d.loose(c, path); problem != "" {
		c.warnings = append([]Fault{{File: path, Problem: problem, Advice: advice}}, c.warnings...)
	}
	return c, faults, nil
}

// guard warns of a file at a key that has to stay its owner's.
func (d *decoder) guard(key, file, why string) {
	if path := d.beside(file); file != "" && OpenToOthers(path) {
		d.warn(key, "other users of this machine can open "+path, "run chmod 600 "+path+": "+why)
	}
}

// loose tells what others must not do with the configuration's own file, and can.
func (d *decoder) loose(c *Config, path string) (problem, advice string) {
	const change = 0o022
	if secret := d.exposed(c); secret != "" && OpenToOthers(path) {
		return "other users of this machine can open the file", "run chmod 600 " + path + ": " + secret + " stands in it"
	}
	if allows(path, change) {
		return "other users of this machine can change the file", "run chmod go-w " + path + ": who changes it gets your events"
	}
	return "", ""
}

// OpenToOthers tells that others than a file's owner may read or change it.
func OpenToOthers(path string) bool {
	const open = 0o066
	return allows(path, open)
}

func allows(path string, rights os.FileMode) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode().Perm()&rights != 0
}

// Parse checks a configuration that was read before. Name is used in faults, and
// files are looked for beside it. The error is Faults, sorted by line.
func Parse(name string, data []byte, env func(string) (string, bool)) (*Config, error) {
	c, faults, err := newDecoder(name, env).draft(data)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

func newDecoder(name string, env func(string) (string, bool)) *decoder {
	return &decoder{
		source:    source{env: env, dir: filepath.Dir(name), read: &[]string{}},
		name:      name,
		positions: map[string]position{"": {line: 1, column: 1}},
		faulty:    map[string]bool{},
	}
}

func (d *decoder) draft(data []byte) (*Config, Faults, error) {
	c := &Config{name: d.name, read: time.Now(), positions: d.positions}
	if err := setDefaults(reflect.ValueOf(c).Elem()); err != nil {
		return nil, nil, fmt.Errorf("%s: a default of Bauta's own is wrong: %w (please report it)", d.name, err)
	}
	root := d.root(data)
	if root == nil {
		return nil, Faults(d.faults).Sorted(), nil
	}
	d.decode(root, reflect.ValueOf(c).Elem(), field{}, "")
	d.general(c)
	d.businesses(c.Business, d.apps(c.Apps))
	c.files = *d.read
	sortFaults(d.warnings)
	c.warnings = d.warnings
	return c, Faults(d.faults).Sorted(), nil
}

// root parses the one document; nil if that failed, with the fault recorded.
func (d *decoder) root(data []byte) ast.Node {
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		where, problem := position{}, "it is not YAML"
		// The library's full text quotes the source, where secrets may stand.
		if e, ok := errors.AsType[yaml.Error](err); ok {
			where = at(e.GetToken())
		}
		d.add(where, "", refusal{problem, "check indentation, colons and quotes on this line and the one before"})
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.NullType && doc.Body.Type() != ast.CommentGroupType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 1:
		return bodies[0]
	case 0:
		d.add(position{}, "", refusal{"it is empty", "name at least apps and businesses"})
	default:
		d.add(positionOf(bodies[1]), "", refusal{"a second document begins here", "keep one"})
	}
	return nil
}

// Warnings are what works and is probably not meant, sorted by line.
func (c *Config) Warnings() []Fault { return c.warnings }

// Position returns the line and column of a key's value, such as that of
// businesses[0].hiding.rules[1].when; of what is around it where the key is
// absent; zeros for a configuration that was not read from a file.
func (c *Config) Position(path string) (line, column int) {
	p := near(c.positions, path)
	return p.line, p.column
}

// Fault makes a fault at a key, for what is checked outside this package: rules,
// the keys file, TLS files.
func (c *Config) Fault(path, problem, advice string) Fault {
	line, column := c.Position(path)
	return Fault{File: c.name, Line: line, Column: column, Key: path, Problem: problem, Advice: advice}
}
