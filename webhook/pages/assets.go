package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// assets are files with their hash in the name: a browser keeps them for ever, and asks
// for another name once they change. Read-only.
type assets struct {
	base  string
	names map[string]string
	files map[string]asset
}

type asset struct {
	content []byte
	kind    string
}

func newAssets(base string, sources ...fs.FS) (*assets, error) {
	a := &assets{base: base, names: map[string]string{}, files: map[string]asset{}}
	for _, source := range sources {
		if source == nil {
			continue
		}
		entries, err := fs.ReadDir(source, "assets")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
		for _, e := range entries {
			content, err := fs.ReadFile(source, "assets/"+e.Name())
			if err != nil {
				return nil, fmt.Errorf("pages: %w", err)
			}
			a.add(e.Name(), content)
		}
	}
	return a, nil
}

func (a *assets) add(name string, content []byte) {
	const hashLength = 6
	sum := sha256.Sum256(content)
	extension := path.Ext(name)
	hashed := strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(sum[:hashLength]) + extension
	kind := mime.TypeByExtension(extension)
	switch extension {
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	}
	a.names[name], a.files[hashed] = hashed, asset{content: content, kind: kind}
}

func (a *assets) url(name string) (string, error) {
	hashed, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("pages: there is no asset %q", name)
	}
	return a.base + hashed, nil
}

// ServeHTTP answers with the asset that the path ends in.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[strings.TrimPrefix(r.URL.Path, a.base)]
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", file.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.content))
}
