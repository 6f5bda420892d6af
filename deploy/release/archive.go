package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
)

// archive writes the files below a folder of the archive's name: as zip where that is
// the custom, else as tar.gz. Times, owners and order depend on the commit only.
func (r *release) archive(name string, zipped bool, files []file) error {
	pack, ending := r.tar, ".tar.gz"
	if zipped {
		pack, ending = r.zip, ".zip"
	}
	content, err := pack(name, files)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, name+ending), content, 0o644) //nolint:gosec // may be read
}

func (f file) mode() fs.FileMode {
	if f.program {
		return 0o755
	}
	return 0o644
}

func (r *release) tar(name string, files []file) ([]byte, error) {
	var out bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a right one
	w := tar.NewWriter(packed)
	for _, f := range files {
		header := &tar.Header{
			Name: name + "/" + f.name, Mode: int64(f.mode()), Size: int64(len(f.content)), ModTime: r.at, Format: tar.FormatPAX,
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (r *release) zip(name string, files []file) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		header := &zip.FileHeader{Name: name + "/" + f.name, Method: zip.Deflate, Modified: r.at}
		header.SetMode(f.mode())
		to, err := w.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
