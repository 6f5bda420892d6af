package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxSecretFile bounds a file named with file:, in bytes.
const maxSecretFile = 64 << 10

// source resolves what a configuration refers to: variables and files.
type source struct {
	env func(string) (string, bool)
	dir string
	// read are the files that were read, or should have been.
	read *[]string
}

// refusal is why a text cannot be taken, and what to do.
type refusal struct{ problem, advice string }

// plain resolves a text that is no secret: a variable stands for the whole of it.
func (s source) plain(text string) (string, *refusal) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	name, rest, err := variable(text)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(text, "${") || rest != "" {
		return "", &refusal{"a variable must be the whole value here", "only secrets take ${VAR} inside a longer text"}
	}
	return s.lookup(name)
}

// secret resolves a secret: file:path, or a text with variables in it.
func (s source) secret(text string) (string, *refusal) {
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		return s.file(path)
	}
	var out strings.Builder
	for {
		before, _, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, rest, err := variable(text[len(before):])
		if err != nil {
			return "", err
		}
		value, err := s.lookup(name)
		if err != nil {
			return "", err
		}
		out.WriteString(value)
		text = rest
	}
}

// variable splits ${NAME}rest, wherever it begins in text.
func variable(text string) (name, rest string, _ *refusal) {
	_, inner, _ := strings.Cut(text, "${")
	name, rest, closed := strings.Cut(inner, "}")
	if !closed || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return "", "", &refusal{"${ does not begin a variable", "write ${NAME} with letters, digits and underscores"}
	}
	return name, rest, nil
}

func (s source) lookup(name string) (string, *refusal) {
	value, ok := s.env(name)
	if !ok {
		return "", &refusal{fmt.Sprintf("the environment variable %s is not set", name), "set it, or write file:path for a secret"}
	}
	return value, nil
}

// beside is a path that the configuration names: from its own folder on.
func (s source) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.dir, path)
}

func (s source) file(path string) (string, *refusal) {
	*s.read = append(*s.read, s.beside(path))
	data, err := readBounded(s.beside(path), maxSecretFile)
	if err != nil {
		return "", &refusal{"the file cannot be read: " + reasonOf(err), "check its path and permissions"}
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) (_ []byte, err error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the files of their own configuration
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it has more than %d bytes", limit)
	}
	return data, nil
}

// reasonOf is an error without the path, which is said elsewhere or stands in
// for a secret that was written behind file: by mistake.
func reasonOf(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}
