import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.common.hapi.validation.support.CachingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;

/** Arguments: folders of profiles (with ',' between), NDJSON of resources ({"id", "resource"}), NDJSON of verdicts to write. */
public class Oracle {
  /** An expression makes the module lay out the snapshots of all profiles; before, it may call one missing. */
  private static final String WITH_EXPRESSION = "{\"resourceType\":\"SearchParameter\",\"url\":\"http://example.org/a\","
      + "\"name\":\"A\",\"status\":\"active\",\"description\":\"a\",\"code\":\"a\",\"base\":[\"Patient\"],"
      + "\"type\":\"string\",\"expression\":\"Patient.name\"}";

  public static void main(String[] args) throws Exception {
    FhirContext context = FhirContext.forR4();
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(openModule(context, args[0].split(",")));
    validator.validateWithResult(WITH_EXPRESSION);
    ObjectMapper mapper = new ObjectMapper();
    try (BufferedReader in = Files.newBufferedReader(Path.of(args[1]));
        PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[2])))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        ObjectNode given = (ObjectNode) mapper.readTree(line);
        ObjectNode verdict = mapper.createObjectNode();
        verdict.set("id", given.get("id"));
        judge(validator, mapper.writeValueAsString(given.get("resource")), verdict);
        out.println(mapper.writeValueAsString(verdict));
        out.flush();
      }
    }
  }

  private static FhirInstanceValidator openModule(FhirContext context, String[] folders) throws Exception {
    PrePopulatedValidationSupport own = new PrePopulatedValidationSupport(context);
    for (String folder : folders) {
      try (var files = Files.walk(Path.of(folder))) {
        for (Path path : files.filter(each -> each.toString().endsWith(".json")).sorted().toList()) {
          own.addResource(context.newJsonParser().parseResource(Files.readString(path)));
        }
      }
    }
    ValidationSupportChain chain = new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        own,
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        new SnapshotGeneratingValidationSupport(context));
    FhirInstanceValidator module = new FhirInstanceValidator(new CachingValidationSupport(chain));
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(false);
    module.setValidatorPolicyAdvisor(new TypesOfReferences());
    module.setValidatorResourceFetcher(new TargetsOfTheirType());
    return module;
  }

  private static void judge(FhirValidator validator, String resource, ObjectNode verdict) {
    boolean wrong = false;
    ArrayNode messages = verdict.putArray("messages");
    try {
      for (SingleValidationMessage message : validator.validateWithResult(resource).getMessages()) {
        boolean error = message.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0;
        wrong |= error;
        ObjectNode node = messages.addObject();
        node.put("severity", error ? "error" : message.getSeverity().getCode());
        node.put("location", message.getLocationString());
        node.put("text", message.getMessage());
      }
    } catch (Exception thrown) {
      wrong = true;
      messages.addObject().put("severity", "error").put("text", String.valueOf(thrown.getMessage()));
    }
    verdict.put("error", wrong);
  }

  /** By default a reference that cannot be resolved is not looked at; its literal tells the type of its target. */
  private static class TypesOfReferences extends FhirDefaultPolicyAdvisor {
    @Override
    public ReferenceValidationPolicy policyForReference(
        IResourceValidator validator, Object appContext, String path, String url) {
      return ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS;
    }
  }

  /** Every reference leads to a resource of the type that it names, of which nothing more is known. */
  private static class TargetsOfTheirType implements IValidatorResourceFetcher {
    private static final Pattern LITERAL = Pattern.compile("([A-Z][A-Za-z]+)(?:/[A-Za-z0-9\\-.]+(?:/_history/.*)?|\\?.*)$");

    @Override
    public Element fetch(IResourceValidator validator, Object appContext, String url) throws IOException {
      Matcher literal = LITERAL.matcher(url);
      if (!literal.find()) return null;
      String target = "{\"resourceType\":\"" + literal.group(1) + "\",\"id\":\"a\"}";
      InputStream stream = new ByteArrayInputStream(target.getBytes(StandardCharsets.UTF_8));
      return Manager.parseSingle(validator.getContext(), stream, FhirFormat.JSON);
    }

    @Override
    public boolean resolveURL(
        IResourceValidator validator, Object appContext, String path, String url, String type, boolean canonical) {
      return true;
    }

    @Override
    public byte[] fetchRaw(IResourceValidator validator, String url) {
      return null;
    }

    @Override
    public IValidatorResourceFetcher setLocale(Locale locale) {
      return this;
    }

    @Override
    public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object appContext, String url) {
      return null;
    }

    @Override
    public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
      return false;
    }

    @Override
    public Set<String> fetchCanonicalResourceVersions(IResourceValidator validator, Object appContext, String url) {
      return Set.of();
    }
  }
}
