// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page as a browser shows it. */
class StatusPageIT {
    private static final String ROWS = "#instances > tbody > tr";
    private static final String SHOWN = "document.querySelector('" + ROWS + "')";
    /** Pictures of the page; {@code docs} renews those of the documentation. */
    private static final Path PICTURES = Path.of(System.getProperty("fairlead.pictures", "target/pictures"));

    private static Browser browser;
    private static World world;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.start();
        world = new World();
    }

    @AfterAll
    static void end() {
        world.close();
        browser.close();
    }

    private static Tab open(int width, int height) {
        return browser.tab(width, height).load(world.admin.uri()).until(SHOWN);
    }

    private static String axe() throws IOException {
        try (InputStream in = StatusPageIT.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void saysInThreeWordsWhoIsInTroubleAndShowsEveryPanel() {
        try (World calm = new World();
                Tab tab = browser.tab(1280, 900).load(calm.admin.uri()).until(SHOWN)) {
            tab.until("document.querySelectorAll('#registrations > tbody > tr').length === 5");

            assertThat(tab.text("#who")).isEqualTo("checkout");
            assertThat(tab.text("#us")).contains("✓", "This process", "well", "5 own registrations");
            assertThat(tab.text("#registry")).contains("✓", "Registry", "live");
            assertThat(tab.text("#callee")).contains("✓", "Services called", "healthy", "5 of 5 instances");
            assertThat(tab.texts(ROWS)).hasSize(5).allMatch(row -> row.contains("✓ active"));
            assertThat(tab.texts(ROWS).get(4)).contains("orders-5", "zone eu-1b, version 2.5.0-rc1");
            assertThat(tab.text("#services")).contains("orders", "5 of 5", "✓ live", "adaptive");
            assertThat(tab.text("#events")).contains("registered", "orders-5");
            assertThat(tab.text("#config")).isEmpty();
            tab.eval("document.querySelector('#configBox > summary').click()");
            tab.until("document.querySelector('#config').checkVisibility()"
                    + " || document.querySelector('#configBox .empty').checkVisibility()");
            assertThat(tab.complaints()).isEmpty();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void showsAKilledInstanceWithoutReloadInTheSameRow() throws IOException {
        try (World own = new World();
                Tab tab = browser.tab(1280, 900).load(own.admin.uri()).until(SHOWN)) {
            tab.eval("window.before = [...document.querySelectorAll('" + ROWS + "')]");
            tab.focus(ROWS + ":nth-child(2) button");

            own.kill("orders-2");
            tab.until(
                    "/✕ (ejected|registry down)/.test(document.querySelector('" + ROWS + ":nth-child(2)').innerText)");

            assertThat(tab.eval("[...document.querySelectorAll('" + ROWS + "')].every((row, i) => row === before[i])")
                            .asBoolean())
                    .isTrue();
            assertThat(tab.eval("document.activeElement.textContent").asText()).isEqualTo("orders-2");
            tab.until("document.querySelector('#callee').innerText.includes('4 of 5')");
            assertThat(tab.text("#callee")).contains("!", "reduced");
            assertThat(tab.text("#events")).contains("orders-2");
        }
    }

    @Test
    void filtersAndSortsAndTellsWhenNothingMatches() {
        try (Tab tab = open(1280, 900)) {
            tab.focus("#instancesFilter").type("eu-1b");
            tab.until("document.querySelectorAll('" + ROWS + "').length === 2");
            tab.type(" nobody").until("document.querySelectorAll('" + ROWS + "').length === 0");
            assertThat(tab.texts("#instances ~ .empty")).containsExactly("No instance matches the filter.");
            tab.press("Escape").until("document.querySelectorAll('" + ROWS + "').length === 5");

            tab.eval("document.querySelector('#instances th[data-key=id] > button').click()");
            tab.eval("document.querySelector('#instances th[data-key=id] > button').click()");
            assertThat(tab.texts(ROWS + " > th button")).startsWith("orders-5", "orders-4");
            assertThat(tab.eval("document.querySelector('#instances th[data-key=id]').ariaSort")
                            .asText())
                    .isEqualTo("descending");
            tab.focus("#eventsFilter").type("no such event");
            tab.until("document.querySelector('#events ~ .empty').checkVisibility()");
        }
    }

    @Test
    void isUsedByKeyboardAlone() {
        try (Tab tab = open(1280, 900)) {
            tab.press("Tab");
            assertThat(tab.eval("document.activeElement.textContent").asText()).startsWith("Skip to");
            tab.press("Enter").press("Tab");
            List<String> order = new ArrayList<>();
            for (int i = 0; i < 30 && !order.contains("orders-1"); i++) {
                order.add(tab.eval("document.activeElement.textContent").asText());
                tab.press("Tab");
            }
            assertThat(order).contains("orders-1");
            tab.focus(ROWS + " button").press("Enter");
            tab.until("document.querySelector('.more-facts')");
            assertThat(tab.text(".more-facts")).contains("registry says", "passing", "ideal 20.0 %");
            assertThat(tab.eval("document.activeElement.ariaExpanded").asText()).isEqualTo("true");

            tab.focus("#why [name=path]").press("Enter");
            tab.until("document.querySelectorAll('#whyRows > tbody > tr').length === 5");
            assertThat(tab.text("#whySaid")).startsWith("GET /: ").contains("instances may take it, by adaptive");
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @Test
    void namesOfOthersAreTextAndNeverElements() throws IOException {
        String evil = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        MemoryRegistry registry = MemoryRegistry.of(List.of(ServiceInstance.reader("orders", leftOut -> {})
                .id(evil)
                .address("10.0.0.1", 80)
                .zone("</td><b>zone")
                .version("\"><svg onload=alert(3)>")
                .build()));
        EventLog events = new EventLog();
        try (Fairlead fairlead = Fairlead.builder(registry).addListener(events).build();
                AdminServer admin = AdminServer.builder(fairlead)
                        .port(0)
                        .events(events)
                        .name(evil)
                        .start()) {
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            try (Tab tab = browser.tab(1280, 900).load(admin.uri()).until(SHOWN)) {
                assertThat(tab.text("#who")).isEqualTo(evil);
                assertThat(tab.text(ROWS + " > th button")).isEqualTo(evil);
                assertThat(tab.text(ROWS + " > th")).contains("</td><b>zone", "\"><svg onload=alert(3)>");
                assertThat(tab.eval("document.querySelectorAll('img, b b, td b, main script, svg[onload]').length")
                                .asInt())
                        .isZero();
                assertThat(tab.complaints()).isEmpty();
            }
            try (Tab tab = browser.tab(1280, 900).withoutScripts()) {
                tab.ask("Page.navigate", Map.of("url", admin.uri().toString()));
                tab.until("document.querySelector('pre')");
                assertThat(tab.eval("document.querySelectorAll('img, script:not(body > script)').length")
                                .asInt())
                        .isZero();
            }
        }
    }

    @Test
    void isReadableWithoutScripts() {
        try (Tab tab = browser.tab(1280, 900).withoutScripts()) {
            tab.ask("Page.navigate", Map.of("url", world.admin.uri().toString()));
            tab.until("document.querySelector('pre')");

            assertThat(tab.text("pre")).contains("orders");
            assertThat(tab.eval("[...document.querySelectorAll('a')].map(a => a.getAttribute('href')).join(' ')")
                            .asText())
                    .contains("status.txt", "api/v1/status");
            assertThat(tab.eval("document.querySelector('#page').checkVisibility()")
                            .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void keepsTheRulesOfAccessibilityInLightAndDark() throws IOException {
        String axe = axe();
        for (String scheme : List.of("light", "dark")) {
            try (Tab tab = open(1280, 900)) {
                tab.prefers("prefers-color-scheme", scheme);
                tab.eval("for (const d of document.querySelectorAll('details')) d.open = true");
                tab.focus(ROWS + " button").press("Enter").until("document.querySelector('.more-facts')");
                tab.eval(axe + "; 0");
                JsonNode found = tab.eval(
                        "axe.run(document, { resultTypes: ['violations'] }).then(r =>"
                                + " r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')))");
                assertThat(browser.strings(found)).as(scheme).isEmpty();
            }
        }
    }

    @Test
    void everyColourHasASignAndAWordOfItsOwn() {
        try (Tab tab = open(1280, 900)) {
            JsonNode signs = tab.eval("[...document.querySelectorAll('.word, .verdict')].map(e =>"
                    + " e.className.split(' ').pop() + ' ' + e.innerText.trim()[0])");
            assertThat(browser.strings(signs))
                    .isNotEmpty()
                    .allMatch(each ->
                            List.of("good ✓", "warn !", "bad ✕", "none ·").contains(each));
            assertThat(tab.texts(".word")).allMatch(text -> text.matches(". [a-z].*"));
        }
    }

    @Test
    void fitsAtFourHundredPercentZoom() {
        try (Tab tab = open(320, 256).size(320, 256, 4)) {
            assertThat(tab.eval("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(320);
            assertThat(tab.eval("[...document.querySelectorAll('h1, h2, p, input, select, button.go')].filter(e =>"
                                    + " e.checkVisibility() && !e.closest('.scroll')).every(e =>"
                                    + " e.getBoundingClientRect().right <= 320)")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void staysSmoothWithAHundredServicesOfAHundredInstances() throws IOException {
        List<ServiceInstance> all = new ArrayList<>();
        for (int service = 0; service < 100; service++) {
            for (int i = 0; i < (service == 7 ? 300 : 100); i++) {
                all.add(ServiceInstance.builder("service-" + service)
                        .id("i-" + i)
                        .address("10.0." + service + "." + (i % 250 + 1), 1_000 + i)
                        .build());
            }
        }
        try (Fairlead fairlead = Fairlead.builder(MemoryRegistry.of(all)).build();
                AdminServer admin = AdminServer.builder(fairlead).port(0).start()) {
            for (int service = 0; service < 100; service++) {
                fairlead.awaitReady(Duration.ofSeconds(10), "service-" + service);
            }
            try (Tab tab = browser.tab(1280, 900).load(admin.uri()).until(SHOWN)) {
                assertThat(tab.texts("#services > tbody > tr")).hasSize(100);
                // A row that is shown again and again is the same element, and an update costs few milliseconds.
                tab.eval("window.row = document.querySelector('" + ROWS + "'); 0");
                tab.until("state.heard > 3");
                assertThat(tab.eval("row === document.querySelector('" + ROWS + "')")
                                .asBoolean())
                        .isTrue();

                tab.eval("location.hash = '#service-7'");
                tab.until("document.querySelectorAll('" + ROWS + "').length === 200");
                assertThat(tab.text("#instancesMore")).isEqualTo("Show all 300");
                tab.eval("document.querySelector('#instancesMore button').click()");
                tab.until("document.querySelectorAll('" + ROWS + "').length === 300");
                assertThat(tab.complaints()).isEmpty();
            }
        }
    }

    @Test
    void saysThatItIsOldWhenTheServerIsGone() throws IOException {
        World gone = new World();
        try (Tab tab = browser.tab(1280, 900).load(gone.admin.uri()).until(SHOWN)) {
            gone.close();
            tab.until("document.body.classList.contains('old')");
            assertThat(tab.text("#link")).isEqualTo("✕ no answer: what is shown is old");
        } finally {
            gone.close();
        }
    }

    /** One dead, seen by its callers; what README and the page's own document show. */
    @Test
    void looksAsTheDocumentationShowsIt() throws IOException {
        try (World shown = new World();
                Tab tab = browser.tab(1280, 1000).load(shown.admin.uri()).until(SHOWN)) {
            tab.until("state.history.get('orders')?.length >= 3");
            shown.kill("orders-2");
            tab.until("document.querySelector('#instances').innerText.includes('✕')");
            tab.until("state.history.get('orders')?.length >= 12");
            tab.eval("document.activeElement.blur(); for (const a of document.getAnimations()) a.finish()");
            tab.picture(PICTURES.resolve("status-page.png"), 1280, 1130);
            tab.prefers("prefers-color-scheme", "dark");
            tab.picture(PICTURES.resolve("status-page-dark.png"), 1280, 1130);
        }
    }
}
