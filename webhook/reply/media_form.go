package reply

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"bauta/webhook/meta"
)

// The parts of an upload (webhooks.md 6.5).
const (
	partProduct = "messaging_product"
	partType    = "type"
	partFile    = "file"
)

// Bounds of the form around a file, in bytes.
const (
	// partHeaderLimit is for the headers of one part, with the file's name, and for
	// what stands before them.
	partHeaderLimit = 16 << 10
	// partValueLimit is for messaging_product and type.
	partValueLimit = 256
	// formLimit is for everything but the file.
	formLimit = 64 << 10
)

// What is said of forms that are not taken.
const (
	formUnreadable = "The body is no multipart form that can be read, or a part has no readable Content-Disposition. Send the parts messaging_product, type and file."
	formBroken     = "The upload did not come in whole. Send it again."
	formNested     = "The part file is a multipart message or is encoded. Send the file's own bytes."
)

// errEnded: the platform does not take the rest of an upload.
var errEnded = errors.New("the upload is ended")

// form is an upload on its way through: read part by part, and written anew with
// only what the platform shall get. No two readers can take it for different things.
type form struct {
	body  *arriving
	gate  *gate
	parts *multipart.Reader
	seen  map[string]bool
	// writer writes to where copy sets it to; its boundary is known before.
	to     redirect
	writer *multipart.Writer
	first  *multipart.Part
}

// redirect is a writer whose end is set later.
type redirect struct{ io.Writer }

// newForm reads up to the first part, so that nobody is called for a body that is no
// form.
func newForm(request *http.Request, body *arriving) (*form, error) {
	kind, params, err := mime.ParseMediaType(request.Header.Get("Content-Type"))
	switch {
	case err != nil || kind != "multipart/form-data":
		return nil, fail(meta.FaultBadMediaType, "Uploads are multipart/form-data.")
	case params["boundary"] == "" || len(params["boundary"]) > 70: // RFC 2046, 5.1.1
		return nil, fail(meta.FaultBadBody, "The Content-Type has no boundary, or a longer one than 70 characters.")
	case request.ContentLength > mediumLimit+formLimit:
		return nil, fail(meta.FaultMediaTooLarge, "")
	}
	f := &form{body: body, gate: &gate{from: body}, seen: map[string]bool{}}
	f.parts = multipart.NewReader(f.gate, params["boundary"])
	f.writer = multipart.NewWriter(&f.to)
	f.first, err = f.next()
	if err != nil {
		return nil, err
	}
	return f, nil
}

// next returns the next part, nil after the last.
func (f *form) next() (*multipart.Part, error) {
	f.gate.left = partHeaderLimit
	part, err := f.parts.NextRawPart()
	f.gate.left = mediumLimit + formLimit
	switch {
	case err == io.EOF && len(f.seen) > 0: // wrapped, it is an end before the last boundary
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	case f.gate.shut:
		return nil, fail(meta.FaultBadBody, "The headers of a part are longer than 16 KiB.")
	case err != nil && err != io.EOF && (f.body.broken || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return nil, fail(meta.FaultBadBody, formBroken)
	case err != nil:
		return nil, fail(meta.FaultBadBody, formUnreadable)
	}
	return part, f.check(part)
}

// check takes the three parts, each once.
func (f *form) check(part *multipart.Part) error {
	name, _, ok := disposition(part)
	if !ok {
		return fail(meta.FaultBadBody, formUnreadable)
	}
	switch name {
	case partProduct, partType, partFile:
	default:
		return fail(meta.FaultBadBody, "The upload has "+partNamed(name)+", which this call does not take. Send messaging_product, type and file only.")
	}
	if f.seen[name] {
		return fail(meta.FaultBadBody, "The upload has the part "+name+" more than once.")
	}
	f.seen[name] = true
	switch encoding := strings.ToLower(part.Header.Get("Content-Transfer-Encoding")); encoding {
	case "", "binary", "8bit", "7bit":
	default:
		return fail(meta.FaultBadBody, formNested)
	}
	if kind := strings.ToLower(strings.TrimSpace(part.Header.Get("Content-Type"))); strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return fail(meta.FaultBadBody, formNested)
	}
	return nil
}

// partNamed names a part if its name is a plain word, as parameter does.
func partNamed(name string) string {
	return strings.Replace(parameter(name), "parameter", "part", 1)
}

// disposition reads the name of a part, and that of its file as it was given.
func disposition(part *multipart.Part) (name string, file *string, ok bool) {
	if len(part.Header["Content-Disposition"]) != 1 {
		return "", nil, false
	}
	kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || kind != "form-data" {
		return "", nil, false
	}
	if given, has := params["filename"]; has {
		file = &given
	}
	return params["name"], file, true
}

// contentType is that of the form as the platform gets it.
func (f *form) contentType() string { return f.writer.FormDataContentType() }

// copy writes the form while it comes in, up to its end. The error is a *failure, or
// the writer's.
func (f *form) copy(to io.Writer) error {
	f.to.Writer = to
	for part := f.first; part != nil; {
		if err := f.copyPart(part); err != nil {
			return err
		}
		var err error
		if part, err = f.next(); err != nil {
			return err
		}
	}
	return f.writer.Close()
}

func (f *form) copyPart(part *multipart.Part) error {
	name, file, _ := disposition(part)
	header := textproto.MIMEHeader{}
	if name != partFile {
		return f.copyValue(part, name)
	}
	header.Set("Content-Disposition", `form-data; name="file"`)
	if file != nil {
		header.Set("Content-Disposition", multipart.FileContentDisposition(partFile, *file))
	}
	if kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err == nil {
		if kind = mime.FormatMediaType(kind, params); kind != "" {
			header.Set("Content-Type", kind)
		}
	}
	to, err := f.writer.CreatePart(header)
	if err != nil {
		return err
	}
	from := &tally{from: part}
	_, err = io.Copy(to, io.LimitReader(from, mediumLimit))
	switch {
	case from.err != nil:
		return f.unread()
	case err != nil:
		return err
	}
	var more [1]byte
	if n, _ := from.Read(more[:]); n > 0 || f.gate.shut {
		return fail(meta.FaultMediaTooLarge, "")
	}
	if from.err != nil {
		return f.unread()
	}
	return nil
}

// copyValue copies a part that is a word.
func (f *form) copyValue(part *multipart.Part, name string) error {
	value, err := io.ReadAll(io.LimitReader(part, partValueLimit+1))
	switch {
	case err != nil:
		return f.unread()
	case len(value) > partValueLimit || strings.ContainsFunc(string(value), func(r rune) bool { return r < ' ' || r > '~' }):
		return fail(meta.FaultBadBody, "The part "+name+" is longer than 256 bytes, or not plain text.")
	}
	return f.writer.WriteField(name, string(value))
}

// unread is a part that could not be read to its end.
func (f *form) unread() error {
	if f.gate.shut {
		return fail(meta.FaultMediaTooLarge, "")
	}
	return fail(meta.FaultBadBody, formBroken)
}
