// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page, a resource, with the policy that lets a browser run what the resource has and nothing else. The mark {@code
 * <!--status.txt-->} in it becomes the text of {@code /status.txt}, for browsers without scripts.
 */
final class Page {
    static final String TEXT_MARK = "<!--status.txt-->";

    private final String html;
    private final String policy;

    private Page(String html) {
        this.html = html;
        this.policy = "default-src 'none'; script-src" + hashes(html, "script") + "; style-src" + hashes(html, "style")
                + "; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    }

    static Page load() {
        try (InputStream in = Page.class.getResourceAsStream("page.html")) {
            if (in == null) {
                throw new IllegalStateException("page.html: not found (expected: beside " + Page.class.getName() + ")");
            }
            return new Page(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The page with a text in it. */
    String with(String text) {
        return html.replace(TEXT_MARK, escaped(text));
    }

    /** The value of {@code Content-Security-Policy}. */
    String policy() {
        return policy;
    }

    private static String hashes(String html, String tag) {
        Matcher block = Pattern.compile("<" + tag + ">(.*?)</" + tag + ">", Pattern.DOTALL)
                .matcher(html);
        StringBuilder hashes = new StringBuilder();
        while (block.find()) {
            // What a browser hashes has one kind of line end.
            String text = block.group(1).replace("\r\n", "\n");
            hashes.append(" 'sha256-").append(sha256(text)).append('\'');
        }
        return hashes.length() == 0 ? " 'none'" : hashes.toString();
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
