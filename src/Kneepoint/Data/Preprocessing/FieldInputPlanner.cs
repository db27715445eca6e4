using Kneepoint.Data.Description;
using Kneepoint.Data.Formats;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Decides how a field becomes an input of the network.</summary>
sealed class FieldInputPlanner(DataDescription description, ISampleSource source, IImageDecoder decoder)
{
    readonly List<Finding> _findings = [];

    /// <summary>What was assumed.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Plans one input.</summary>
    /// <exception cref="DataException">Field and input do not fit; the message says what was expected and what was found.</exception>
    public FieldInput Plan(ValueSignature signature, InputDescription input, int field)
    {
        int batchAxis = input.BatchAxis ?? 0;
        if (batchAxis < 0) throw description.Error(input.Line, $"the input '{signature.Name}' is read from data and so has a batch: 'batchAxis' takes a number");
        if (signature.Dimensions.Count <= batchAxis) throw Mismatch(signature, source.Fields[field]);
        long[] wanted = [.. signature.Dimensions.Where((_, axis) => axis != batchAxis)];
        var found = source.Fields[field];
        var (dimensions, geometry, rearrangement) = found.Kind == FieldKind.EncodedImage || AsksForImage(input, found)
            ? Image(signature, input, wanted, field)
            : Array(signature, input, wanted, found);
        return new FieldInput
        {
            Name = signature.Name,
            ElementType = signature.ElementType,
            Dimensions = dimensions,
            BatchAxis = batchAxis,
            Field = field,
            Signature = found,
            Decoder = decoder,
            Geometry = geometry,
            Rearrangement = rearrangement,
            Scaling = Scale(signature, input, found, dimensions, geometry),
        };
    }

    static bool AsksForImage(InputDescription input, SampleField field) => input.Resize is not null || input.Crop is not null || input.Channels is not null
        || (input.Pad is not null && field.Dimensions.Count > 1);

    (long[], ImageGeometry?, Rearrangement?) Image(ValueSignature signature, InputDescription input, long[] wanted, int fieldIndex)
    {
        var field = source.Fields[fieldIndex];
        if (wanted.Length != 3 || field.ElementType != ElementType.UInt8) throw Mismatch(signature, field);
        bool isFirst = IsChannelsFirst(signature, input, wanted);
        long wantedChannels = wanted[isFirst ? 0 : 2];
        var stored = field.Kind == FieldKind.EncodedImage ? default : StoredImage.Of(field, input.Stored, wantedChannels);
        if (field.Kind != FieldKind.EncodedImage && stored.Channels == 0) throw Mismatch(signature, field);
        int channels = field.Kind == FieldKind.EncodedImage ? 3 : stored.Channels;
        bool isGray = channels == 3 && (input.Channels == "gray" || (input.Channels is null && wantedChannels == 1));
        int outChannels = isGray ? 1 : channels;
        if (input.Channels is "bgr" or "rgb" && channels != 3) throw description.Error(input.Line, $"'channels: {input.Channels}' needs three channels, the field '{field.Name}' has {channels}");
        if (wantedChannels >= 0 && wantedChannels != outChannels) throw Mismatch(signature, field, $"{outChannels} channel(s)");
        var (height, width, isFitted) = Size(signature, input, wanted[isFirst ? 1 : 0], wanted[isFirst ? 2 : 1], stored, fieldIndex);
        var geometry = new ImageGeometry
        {
            Resize = input.Resize,
            Filter = input.Filter ?? "bilinear",
            Crop = input.Crop ?? (input.Resize is [_] && input.Pad is null ? [height, width] : null),
            Pad = PadSize(input),
            PadValue = PadValue(input),
            IsBgr = input.Channels == "bgr",
            IsGray = isGray,
            IsChannelsFirst = isFirst,
            IsFitted = isFitted,
            Height = height,
            Width = width,
        };
        var kind = stored.IsChannelsFirst ? RearrangementKind.ImageFromChannelsFirst : RearrangementKind.ImageFromChannelsLast;
        var rearrangement = field.Kind == FieldKind.EncodedImage ? null : new Rearrangement(kind, 1, stored.Height, stored.Width, stored.Channels);
        return (isFirst ? [outChannels, height, width] : [height, width, outChannels], geometry, rearrangement);
    }

    bool IsChannelsFirst(ValueSignature signature, InputDescription input, long[] wanted)
    {
        if (input.Layout is { } layout) return layout == "nchw";
        bool first = wanted[0] is 1 or 3;
        bool last = wanted[2] is 1 or 3;
        if (first != last) return first;
        throw description.Error(input.Line, $"the network's input '{signature.Name}' [{string.Join(", ", signature.Dimensions)}] does not tell where the channels are: "
            + "say 'layout: nchw' or 'layout: nhwc'");
    }

    (int Height, int Width, bool IsFitted) Size(
        ValueSignature signature, InputDescription input, long wantedHeight, long wantedWidth, StoredImage stored, int field)
    {
        var said = PadSize(input) ?? input.Crop ?? (input.Resize is { Count: 2 } ? input.Resize : null);
        if (said is not null)
        {
            bool fits = (wantedHeight < 0 || wantedHeight == said[0]) && (wantedWidth < 0 || wantedWidth == said[1]);
            return !fits ? throw description.Error(input.Line, $"the input '{signature.Name}' takes {Open(wantedHeight)} × {Open(wantedWidth)} (height × width), the preprocessing gives {said[0]} × {said[1]}")
                : (long)said[0] * said[1] > ImageGeometry.MaxPixels ? throw description.Error(input.Line, $"{said[0]} × {said[1]} is more than {ImageGeometry.MaxPixels} pixels")
                : (said[0], said[1], false);
        }

        if (wantedHeight > 0 && wantedWidth > 0)
        {
            if (wantedHeight * (Int128)wantedWidth > ImageGeometry.MaxPixels) throw new DataException($"The network's input '{signature.Name}' takes {wantedHeight} × {wantedWidth}: expected at most {ImageGeometry.MaxPixels} pixels.");
            return ((int)wantedHeight, (int)wantedWidth, input.Resize is null && stored.Channels == 0);
        }

        if (input.Resize is not null) throw description.Error(input.Line, $"the size of the input '{signature.Name}' is open: say 'crop' besides 'resize'");
        var (height, width) = stored.Channels > 0 ? (stored.Height, stored.Width) : FirstSize(field);
        bool agrees = (wantedHeight < 0 || wantedHeight == height) && (wantedWidth < 0 || wantedWidth == width);
        return agrees ? (height, width, false)
            : throw description.Error(input.Line, $"the input '{signature.Name}' takes {Open(wantedHeight)} × {Open(wantedWidth)} (height × width), the images have {height} × {width}: say 'resize' or 'crop'");
    }

    /// <summary>The size of the first image that can be decoded: where nothing else tells, all images must have it.</summary>
    (int Height, int Width) FirstSize(int field)
    {
        var block = new SampleBlock(source.Fields);
        using var reader = source.Open();
        string? reason = null;
        for (long index = 0; index < Math.Min(source.Count, 100); index++)
        {
            block.Clear();
            reader.Read(block);
            try
            {
                var image = decoder.Decode(block.Field(field, 0), ImageGeometry.MaxPixels);
                return (image.Height, image.Width);
            }
            catch (DataException exception)
            {
                reason ??= $"{source.Place(index)}: {exception.Message}";
            }
        }

        throw new DataException($"No image can be decoded. {reason}");
    }

    IReadOnlyList<int>? PadSize(InputDescription input) => input.Pad switch
    {
        null => null,
        [var side] => [side, side],
        [_, _] => input.Pad,
        _ => throw description.Error(input.Line, "'pad' takes one number or [height, width]"),
    };

    byte PadValue(InputDescription input) => input.PadValue switch
    {
        null => 0,
        { } value when value is >= 0 and <= 255 && value == Math.Truncate(value) => (byte)value,
        var value => throw description.Error(input.Line, $"'padValue' of an image takes 0 to 255, found {value}"),
    };

    (long[], ImageGeometry?, Rearrangement?) Array(ValueSignature signature, InputDescription input, long[] wanted, SampleField field)
    {
        long[] found = [.. field.Dimensions];
        Rearrangement? rearrangement = null;
        if (input.Pad is [var length] && found.Length == 1)
        {
            if (length < found[0]) throw description.Error(input.Line, $"'pad: {length}' is shorter than the field '{field.Name}' of {found[0]}");
            double value = input.PadValue ?? 0;
            rearrangement = new Rearrangement(RearrangementKind.Lengthen, Tensor.Bits(field.ElementType) / 8, Padding: Rearrangement.Element(value, field.ElementType));
            found = [length];
        }
        else if (input.Pad is not null)
        {
            throw description.Error(input.Line, $"'pad' of a sequence takes one number, and the field '{field.Name}' is {field.Shape}");
        }

        if (wanted.Length == 3 && found.Length == 3)
        {
            if (input.Stored is { } stored && input.Layout is { } layout && stored == "hwc" == (layout == "nchw")) return Turned(signature, wanted, field, stored == "hwc");
            if (!Fits(wanted, found) && input.Stored is null or "hwc" && Fits(wanted, [found[2], found[0], found[1]])) return Turned(signature, wanted, field, true);
            if (!Fits(wanted, found) && input.Stored is null or "chw" && Fits(wanted, [found[1], found[2], found[0]])) return Turned(signature, wanted, field, false);
        }

        return (Match(wanted, found) ?? throw Mismatch(signature, field), null, rearrangement);
    }

    (long[], ImageGeometry?, Rearrangement?) Turned(ValueSignature signature, long[] wanted, SampleField field, bool toFront)
    {
        int[] d = [.. field.Dimensions.Select(size => checked((int)size))];
        long[] turned = toFront ? [d[2], d[0], d[1]] : [d[1], d[2], d[0]];
        if (!Fits(wanted, turned)) throw Mismatch(signature, field);
        int bytes = Tensor.Bits(field.ElementType) / 8;
        return (turned, null, toFront
            ? new Rearrangement(RearrangementKind.ChannelsToFront, bytes, d[0], d[1], d[2])
            : new Rearrangement(RearrangementKind.ChannelsToBack, bytes, d[1], d[2], d[0]));
    }

    /// <summary>The network's dimensions for an array: equal up to sizes of 1, or one of the two is flat; null if they do not fit.</summary>
    static long[]? Match(long[] wanted, long[] found)
    {
        if (Fits(wanted, found)) return found;
        long[] core = [.. found.Where(size => size != 1)];
        int next = 0;
        long[] filled = [.. wanted.Select(size => size == 1 ? 1 : size < 0 && next >= core.Length ? 1 : next < core.Length ? core[next++] : 0)];
        if (next == core.Length && Fits(wanted, filled)) return filled;
        bool isFlat = (found.Length == 1 || wanted.Length == 1) && wanted.All(size => size > 0);
        return isFlat && Product(wanted) == Product(found) ? wanted : null;
    }

    static Int128 Product(long[] sizes)
    {
        Int128 product = 1;
        foreach (long size in sizes)
        {
            product *= size;
            if (product > long.MaxValue) return -1;
        }

        return product;
    }

    static bool Fits(long[] wanted, long[] found) => wanted.Length == found.Length && wanted.Zip(found).All(pair => pair.First < 0 || pair.First == pair.Second);

    Scaling Scale(ValueSignature signature, InputDescription input, SampleField field, long[] dimensions, ImageGeometry? geometry)
    {
        bool isPixels = field.ElementType == ElementType.UInt8 && (field.Kind == FieldKind.EncodedImage || field.Dimensions.Count > 1);
        var constants = input.IsScaled ? new ScalingConstants(input.Zero ?? 0, input.Scale ?? 1, input.Mean ?? [0], input.Std ?? [1]) : null;
        if (constants is null && isPixels && ElementConversion.IsFloat(signature.ElementType))
        {
            constants = new ScalingConstants(0, 1.0 / 255, [0], [1]);
            _findings.Add(new Finding("preprocessing-assumed", FindingSeverity.Note,
                $"Nothing says how the network takes pixels: '{signature.Name}' is fed with pixels ÷ 255. If it was trained otherwise, say scale, mean and std in data.yaml."));
        }

        var (channels, inner) = Axis(input, constants, dimensions, geometry);
        return new Scaling(field.ElementType, signature.ElementType, channels, inner, constants);
    }

    (int Channels, int Inner) Axis(InputDescription input, ScalingConstants? constants, long[] dimensions, ImageGeometry? geometry)
    {
        int values = constants is null ? 1 : Math.Max(constants.Mean.Count, constants.Std.Count);
        if (values == 1) return (1, int.MaxValue);
        bool isFirst = dimensions.Length == 3 && (geometry?.IsChannelsFirst ?? (input.Layout is { } layout ? layout == "nchw" : dimensions[0] == values));
        long channels = dimensions.Length == 0 ? 1 : isFirst ? dimensions[0] : dimensions[^1];
        foreach (var list in new[] { constants!.Mean, constants.Std })
        {
            if (list.Count != 1 && list.Count != channels) throw description.Error(input.Line, $"'mean' and 'std' take 1 or {channels} values for [{string.Join(", ", dimensions)}], found {list.Count}");
        }

        return ((int)channels, isFirst ? checked((int)(dimensions[1] * dimensions[2])) : 1);
    }

    DataException Mismatch(ValueSignature signature, SampleField field, string? instead = null)
        => new($"The network's input '{signature.Name}' takes {signature.ElementType} [{string.Join(", ", signature.Dimensions.Select(Open))}] with the batch; "
            + $"the field '{field.Name}' of {source.Name} holds {instead ?? field.Shape} per sample.");

    static string Open(long size) => size < 0 ? "any" : size.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
