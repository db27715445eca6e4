using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Search;

namespace Kneepoint.Reports;

/// <summary>Reads a <see cref="FrontierDocument"/> from JSON and refuses what is not one.</summary>
/// <remarks>Members beyond those it knows are skipped; members of the contract must be there and of their type; members beyond the
/// contract may be missing. Ids must be the hashes of their recipes, and every reference must lead to a variant.</remarks>
static class FrontierJsonReader
{
    // Far above a study of 5,000 variants (some 20 MB), far below what would hurt.
    const long MaxBytes = 512L * 1024 * 1024;
    const int MaxDepth = 16;

    public static FrontierDocument ReadFile(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        try
        {
            long bytes = FileLength.Of(file);
            return bytes <= MaxBytes
                ? Read(System.IO.File.ReadAllBytes(file), file)
                : throw new FrontierDocumentException(Invariant($"'{file}': expected at most {MaxBytes} bytes, found {bytes}."));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FrontierDocumentException($"'{file}' cannot be read: {exception.Message}", exception);
        }
    }

    public static FrontierDocument Read(ReadOnlyMemory<byte> json, string source)
    {
        if (json.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) json = json[3..];
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return Check(Read(new JsonPlace(source, "", document.RootElement)), source);
        }
        catch (JsonException exception)
        {
            throw new FrontierDocumentException(exception.LineNumber is { } line
                ? Invariant($"'{source}' is not valid JSON at line {line + 1}, byte {exception.BytePositionInLine + 1}.")
                : $"'{source}' is not valid JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Half of a surrogate pair as an escape is JSON, but no text.
            throw new FrontierDocumentException($"'{source}' holds text that is not Unicode: {exception.Message}", exception);
        }
    }

    static FrontierDocument Read(JsonPlace root)
    {
        var model = root.Member("model");
        var data = root.Member("data");
        var machine = root.Member("machine");
        return new FrontierDocument
        {
            Kneepoint = root.Member("kneepoint").Text(),
            Model = new ModelFacts(model.Member("file").Text(), model.Member("sha256").Text()),
            Data = new DataFacts(data.Member("evaluate").Count(), data.Member("calibrate").Count(), ReadObjective(data.Member("metric"))),
            Machine = new MachineFacts(machine.Member("cpu").Text(), machine.Member("instructionSets").Texts(),
                machine.Member("cores").SmallCount(), machine.Member("runtime").Text(),
                machine.Member("threads").SmallCount(), machine.Member("batch").SmallCount()),
            Objectives = root.Member("objectives").Items(ReadObjective),
            Variants = root.Member("variants").Items(ReadVariant),
            Frontier = root.Member("frontier").Texts(),
            Hypervolume = root.Member("hypervolume").OrNull(place =>
                new HypervolumeFigure(place.Member("value").Number(), place.Member("reference").Items(item => item.Number()))),
            Knee = root.Member("knee").TextOrNull(),
            MdlChoice = root.Member("mdlChoice").TextOrNull(),
            MdlChoices = root.Optional("mdlChoices")?.OrNull(place => new MdlChoices(place.Member("tenth").Text(), place.Member("asMeasured").Text(), place.Member("tenfold").Text())),
            Findings = root.Optional("findings")?.Items(ReadFinding) ?? [],
            Layers = root.Optional("layers")?.Items(layer => new LayerFacts(layer.Member("layer").Text(), layer.Member("opType").Text(),
                layer.Member("weightCount").Count(), layer.Member("macs").CountOrNull())) ?? [],
            Trials = root.Optional("trials")?.OrNull(trials => new TrialCounts(trials.Member("measured").Count(),
                trials.Member("rejected").Count(), trials.Member("crashed").Count(), trials.Member("timedOut").Count(), trials.Optional("dropped")?.Count() ?? 0)),
            Racing = root.Optional("racing")?.OrNull(racing => new RacingFacts(racing.Member("confidence").Number(), racing.Member("typicalSamples").Count(),
                racing.Member("evaluations").Count(), racing.Member("evaluationsOtherwise").Count())),
            FailedTrials = root.Optional("failedTrials")?.Items(ReadFailedTrial) ?? [],
            Settings = root.Optional("settings")?.TextsByName() ?? ImmutableSortedDictionary<string, string>.Empty,
            Seconds = root.Optional("seconds")?.NumberOrNull(),
        };
    }

    static FrontierVariant ReadVariant(JsonPlace place)
    {
        var memory = place.Member("memory");
        var compute = place.Member("compute");
        return new FrontierVariant
        {
            Recipe = ReadRecipe(place),
            File = place.Member("file").TextOrNull(),
            Packed = place.Member("packed").TextOrNull(),
            IsBaseline = place.Member("baseline").Flag(),
            Accuracy = place.Member("accuracy").IntervalOrNull(),
            AccuracyChange = place.Member("accuracyChange").IntervalOrNull(),
            Memory = new MemoryFigures(memory.Member("fileBytes").Count(), memory.Member("packedBytes").CountOrNull(),
                memory.Member("weightBytes").Count(), memory.Member("activationPeakBytes").Count(),
                memory.Member("residentPeakBytes").CountOrNull()),
            Compute = new ComputeFigures(compute.Member("macs").Count(), compute.Member("bitOps").Count(),
                compute.Member("latencyMilliseconds").IntervalOrNull(), compute.Member("latencyRatio").IntervalOrNull()),
            Labels = place.Optional("labels")?.OrNull(labels => new LabelCost(labels.Member("nats").Number(), labels.Member("count").Count())),
            OnFrontier = place.Member("onFrontier").Flag(),
            TiedWith = place.Optional("tiedWith")?.Texts() ?? [],
            Layers = place.Optional("layers")?.Items(ReadTreatment) ?? [],
            Findings = place.Member("findings").Items(ReadFinding),
            Seconds = place.Optional("seconds")?.NumberOrNull(),
        };
    }

    static Recipe ReadRecipe(JsonPlace owner)
    {
        var place = owner.Member("recipe");
        Recipe recipe;
        try
        {
            recipe = Recipe.Parse(place.Element.GetRawText());
        }
        catch (FormatException exception)
        {
            throw place.Unlike("a recipe", exception.Message);
        }

        var id = owner.Member("id");
        return id.Text() == recipe.Id ? recipe : throw id.Unlike($"{recipe.Id}, the hash of the recipe", $"'{id.Text()}'");
    }

    static ObjectiveFacts ReadObjective(JsonPlace place) => new(place.Member("name").Text(),
        place.Member("direction").OneOf("minimize", "maximize") == 0 ? Direction.Minimize : Direction.Maximize);

    static Finding ReadFinding(JsonPlace place) => new(place.Member("code").Text(),
        (FindingSeverity)place.Member("severity").OneOf("note", "warning", "error"), place.Member("message").Text());

    static LayerTreatment ReadTreatment(JsonPlace place) => new(place.Member("layer").Text(), place.Member("method").Text(),
        place.Member("weightBits").Number(), place.Member("activationBits").Number(), place.Member("fused").FlagOrNull());

    static FailedTrial ReadFailedTrial(JsonPlace place) => new(ReadRecipe(place), place.Member("outcome").Text(),
        place.Member("reason").Text(), place.Member("seconds").Number());

    static FrontierDocument Check(FrontierDocument document, string source)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var variant in document.Variants)
        {
            if (!ids.Add(variant.Id)) throw new FrontierDocumentException($"'{source}': the variant {variant.Id} is there twice.");
        }

        string? lost = document.Frontier.Append(document.Knee).Append(document.MdlChoice)
            .Append(document.MdlChoices?.Tenth).Append(document.MdlChoices?.AsMeasured).Append(document.MdlChoices?.Tenfold).FirstOrDefault(id => id is not null && !ids.Contains(id));
        if (lost is not null) throw new FrontierDocumentException($"'{source}' refers to the variant '{lost}', which is not in it.");
        int references = document.Hypervolume?.Reference.Length ?? document.Objectives.Length;
        return references == document.Objectives.Length ? document : throw new FrontierDocumentException(
            Invariant($"'{source}', hypervolume.reference: expected {document.Objectives.Length} numbers, one for each objective, found {references}."));
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
