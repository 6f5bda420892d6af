package simulator

import (
	"strings"
	"unicode/utf8"
)

// Bounds of content.
const (
	maxText     = 4096
	maxCallback = 512
)

// check tells what is wrong with a message's content, nil if nothing is.
func (g *Graph) check(c *call, to *recipient) *reply {
	fail := func(code int, details string) *reply {
		answer := g.refuse(code, details)
		return &answer
	}
	kind := c.kind()
	content := c.fields.object(kind)
	if utf8.RuneCountInString(c.fields.text("biz_opaque_callback_data")) > maxCallback {
		return fail(codeParameter, "Param biz_opaque_callback_data must be at most 512 characters long.")
	}
	if quoted := c.fields.object("context"); quoted != nil && !g.knows(c, quoted.text("message_id")) {
		return fail(codeValue, "Parameter value is not valid: context.message_id")
	}
	if kind == "contacts" {
		if len(c.fields.list("contacts")) == 0 {
			return fail(codeMissing, "The parameter contacts is required.")
		}
		return nil
	}
	if content == nil && isKind(kind) {
		return fail(codeMissing, "The parameter "+kind+" is required.")
	}
	switch kind {
	case "text":
		return g.checkText(content)
	case "reaction", "pin":
		if !g.knows(c, content.text("message_id")) {
			return fail(codeValue, "Parameter value is not valid: "+kind+".message_id")
		}
	case "image", "video", "audio", "document", "sticker":
		return g.checkMedium(c, content)
	case "template":
		return g.checkTemplate(c, content, to)
	case "location":
		if content.text("latitude") == "" || content.text("longitude") == "" {
			return fail(codeMissing, "location.latitude and location.longitude are required.")
		}
	case "interactive":
		return g.checkInteractive(content, to)
	default:
		return fail(codeType, "Message type is not currently supported.")
	}
	return nil
}

func isKind(kind string) bool {
	return strings.Contains(" text reaction pin image video audio document sticker template location interactive ", " "+kind+" ")
}

// knows tells that a message passed between the caller and somebody: exactly
// that id.
func (g *Graph) knows(c *call, id string) bool {
	m := g.messages.get(id)
	return m != nil && m.phoneNumberID == c.account.PhoneNumberID
}

func (g *Graph) checkText(content fields) *reply {
	var answer reply
	switch body := content.text("body"); {
	case body == "":
		answer = g.refuse(codeMissing, "The parameter text['body'] is required.")
	case utf8.RuneCountInString(body) > maxText:
		answer = g.refuse(codeParameter, "Param text['body'] must be at most 4096 characters long.")
	default:
		return nil
	}
	return &answer
}

func (g *Graph) checkMedium(c *call, content fields) *reply {
	var answer reply
	switch id := content.text("id"); {
	case id == "" && content.text("link") == "":
		answer = g.refuse(codeMissing, "An id or a link of the medium is required.")
	case id != "" && (g.media.get(id) == nil || g.media.get(id).account.AccessToken != c.token):
		answer = g.refuse(codeValue, "Parameter value is not valid: no medium has that id")
	default:
		return nil
	}
	return &answer
}

func (g *Graph) checkTemplate(c *call, content fields, to *recipient) *reply {
	name, language := content.text("name"), content.object("language").text("code")
	var answer reply
	if name == "" || language == "" {
		answer = g.refuse(codeMissing, "template.name and template.language.code are required.")
		return &answer
	}
	if c.wish.failed >= 0 {
		return nil // fail_131049 is a template of every WABA
	}
	t := g.template(c.account.WABA, name, language)
	switch {
	case t == nil:
		answer = g.refuse(codeNoTemplate, "Template name does not exist in the translation")
	case t.Category == "AUTHENTICATION" && to.userID != "":
		answer = g.refuse(codeNeedsNumber, "Business-scoped User ID (BSUID) recipients are not supported for this message.")
	default:
		return nil
	}
	return &answer
}
