// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** One tab of a {@link Browser}. Used by one thread. */
final class Tab implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Map<String, Integer> KEYS = Map.of("Tab", 9, "Enter", 13, "Escape", 27, " ", 32);

    private final Browser browser;
    private final String session;
    private final String target;

    Tab(Browser browser, String session, String target) {
        this.browser = browser;
        this.session = session;
        this.target = target;
    }

    JsonNode ask(String method, Map<String, ?> parameters) {
        return browser.ask(session, method, parameters);
    }

    /** {@code zoom} pixels of the screen show one of CSS. */
    Tab size(int width, int height, int zoom) {
        ask(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", zoom, "mobile", false));
        return this;
    }

    /** As who prefers this, as in {@code prefers-color-scheme}, {@code dark}. */
    Tab prefers(String feature, String value) {
        ask("Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", feature, "value", value))));
        return this;
    }

    Tab withoutScripts() {
        ask("Emulation.setScriptExecutionDisabled", Map.of("value", true));
        return this;
    }

    /** Loads it. What its policy refuses, and what it throws, is kept from the first byte on: see {@link #complaints}. */
    Tab load(URI page) {
        ask("Page.addScriptToEvaluateOnNewDocument", Map.of("source", """
                window.complaints = [];
                addEventListener("securitypolicyviolation", e => complaints.push(e.violatedDirective + " " + e.blockedURI));
                addEventListener("error", e => complaints.push(e.message));
                addEventListener("unhandledrejection", e => complaints.push(String(e.reason)));
                """));
        ask("Page.navigate", Map.of("url", page.toString()));
        return this;
    }

    /** The value of an expression; a promise is waited for. */
    JsonNode eval(String expression) {
        JsonNode answer =
                ask("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.get("result").path("value");
    }

    String text(String selector) {
        return eval("document.querySelector(" + quoted(selector) + ")?.innerText ?? ''")
                .asText();
    }

    /** Waits until an expression is true. */
    Tab until(String expression) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(40))
                .alias(expression)
                .until(() -> eval("Boolean(" + expression + ")").asBoolean());
        return this;
    }

    List<String> complaints() {
        return browser.strings(eval("window.complaints"));
    }

    List<String> texts(String selector) {
        return browser.strings(eval("[...document.querySelectorAll(" + quoted(selector) + ")].filter(e =>"
                + " e.checkVisibility()).map(e => e.innerText)"));
    }

    /** Presses and lets go of a key by name, or of a letter. */
    Tab press(String key) {
        int code = KEYS.getOrDefault(key, 0);
        String text = key.equals("Enter") ? "\r" : key.length() == 1 ? key : "";
        ask(
                "Input.dispatchKeyEvent",
                Map.of("type", "keyDown", "key", key, "code", key, "windowsVirtualKeyCode", code, "text", text));
        ask("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key, "code", key, "windowsVirtualKeyCode", code));
        return this;
    }

    Tab type(String text) {
        ask("Input.insertText", Map.of("text", text));
        return this;
    }

    Tab focus(String selector) {
        eval("document.querySelector(" + quoted(selector) + ").focus()");
        return this;
    }

    /** A picture of the page from its top, this high at most. */
    void picture(Path file, int width, int height) throws IOException {
        JsonNode shot = ask(
                "Page.captureScreenshot",
                Map.of(
                        "format",
                        "png",
                        "captureBeyondViewport",
                        true,
                        "clip",
                        Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(shot.get("data").asText()));
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    @Override
    public void close() {
        browser.ask(null, "Target.closeTarget", Map.of("targetId", target));
    }
}
