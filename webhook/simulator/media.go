package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// downloadPath is where media are downloaded, as at lookaside.fbsbx.com.
const downloadPath = "/whatsapp_business/attachments"

// For how long media and their URLs live (webhooks.md 6.5).
const (
	urlTime      = 5 * time.Minute
	receivedTime = 7 * 24 * time.Hour
	uploadedTime = 30 * 24 * time.Hour
)

// medium is a file with an id.
type medium struct {
	id, kind string
	content  []byte
	ends     time.Time
	account  *Account
}

// sum is the file's SHA-256; webhooks have it in base64, look-ups in hexadecimal.
func (m *medium) sum() [sha256.Size]byte { return sha256.Sum256(m.content) }

// Medium stores a file that a customer sends, and returns the message with it:
// its type is the first half of the media type ("image/png"), or document.
func (g *Graph) Medium(phoneNumberID string, from Person, mediaType string, content []byte) (Message, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	account := g.byNumberID(phoneNumberID)
	if account == nil {
		return Message{}, fmt.Errorf("%w: %s", errUnknownNumber, phoneNumberID)
	}
	m := g.store(account, mediaType, content, receivedTime)
	sum := m.sum()
	return Message{From: from, Type: kindOf(mediaType), Content: Part{
		{"mime_type", mediaType},
		{"sha256", base64.StdEncoding.EncodeToString(sum[:])},
		{"id", m.id},
		{"url", g.urlOf(m, "https://lookaside.fbsbx.com", "webhook")},
	}}, nil
}

func kindOf(mediaType string) string {
	for _, kind := range []string{"image", "video", "audio"} {
		if len(mediaType) > len(kind) && mediaType[:len(kind)+1] == kind+"/" {
			return kind
		}
	}
	return "document"
}

// store keeps a file; the oldest go where there is no room.
func (g *Graph) store(account *Account, kind string, content []byte, lives time.Duration) *medium {
	m := &medium{id: g.digits(15), kind: kind, content: content, ends: g.o.Now().Add(lives), account: account}
	g.stored += len(content)
	for _, gone := range g.media.put(m.id, m) {
		g.stored -= len(gone.content)
	}
	for g.stored > maxStored && len(g.media.items) > 1 {
		g.stored -= len(g.media.shift().content)
	}
	return m
}

func (g *Graph) drop(id string) {
	if m := g.media.get(id); m != nil {
		g.stored -= len(m.content)
		g.media.remove(id)
	}
}

// upload answers POST media.
func (g *Graph) upload(c *call) reply {
	switch {
	case c.fields.text("messaging_product") != "whatsapp" && c.query.Get("messaging_product") != "whatsapp":
		return g.refuse(codeParameter, "The parameter messaging_product is required.")
	case c.file == nil:
		return g.refuse(codeParameter, "The parameter file is required.")
	}
	kind := c.fields.text("type")
	if kind == "" {
		kind = c.file.kind
	}
	if kind == "" || kind == "application/octet-stream" {
		return g.refuse(codeParameter, "Param file must be a file with one of the supported types.")
	}
	return ok(Part{{"id", g.store(c.account, kind, c.file.bytes, uploadedTime).id}})
}

// ofMedium answers calls of a medium.
func (g *Graph) ofMedium(c *call, m *medium) reply {
	if number := c.query.Get("phone_number_id"); number != "" && number != m.account.PhoneNumberID || g.o.Now().After(m.ends) {
		return g.noObject()
	}
	switch c.method + " " + c.edge {
	case "GET ":
		sum := m.sum()
		return ok(Part{
			{"messaging_product", "whatsapp"},
			{"url", g.urlOf(m, "http://"+c.host, "getMedia")},
			{"mime_type", m.kind},
			{"sha256", hex.EncodeToString(sum[:])},
			{"file_size", len(m.content)},
			{"id", m.id},
		})
	case "DELETE ":
		g.drop(m.id)
		return success()
	}
	return g.noPath()
}

// urlOf is a download URL, which lives 5 minutes.
func (g *Graph) urlOf(m *medium, base, source string) string {
	ends := strconv.FormatInt(g.o.Now().Add(urlTime).Unix(), 10)
	return base + downloadPath + "/?" + url.Values{"mid": {m.id}, "source": {source}, "ext": {ends}, "hash": {g.hash(m.id, ends)}}.Encode()
}

func (g *Graph) hash(id, ends string) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(g.o.Seed, 10) + "\x00" + id + "\x00" + ends))
	return hex.EncodeToString(sum[:12])
}

// download answers the GET of a download URL. Whatever is wrong with it is 404.
func (g *Graph) download(c *call) reply {
	m := g.media.get(c.query.Get("mid"))
	ends, err := strconv.ParseInt(c.query.Get("ext"), 10, 64)
	switch {
	case m == nil, err != nil, c.method != http.MethodGet, c.query.Get("hash") != g.hash(m.id, c.query.Get("ext")), g.o.Now().Unix() > ends:
		return reply{status: http.StatusNotFound, raw: []byte("URL signature expired"), kind: "text/plain"}
	case c.token != m.account.AccessToken:
		return reply{status: http.StatusUnauthorized, raw: []byte("Unauthorized"), kind: "text/plain"}
	}
	return reply{status: http.StatusOK, raw: m.content, kind: m.kind}
}
