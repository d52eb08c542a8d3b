# Written by `make stub` from the parameters of the operations; do not edit.

import os
from typing import Literal

from .bundle.model_bundle import ModelBundle as ModelBundle
from .bundle.model_file import read_bundle as read_bundle
from .classes.legend import Legend as Legend
from .classes.legend import LegendClass as LegendClass
from .errors import BundleError as BundleError
from .errors import Cancelled as Cancelled
from .errors import DeviceError as DeviceError
from .errors import HsiError as HsiError
from .errors import LabelError as LabelError
from .errors import MismatchError as MismatchError
from .errors import OutputError as OutputError
from .errors import ParameterError as ParameterError
from .errors import SceneError as SceneError
from .errors import TrainingError as TrainingError
from .operations.assess_map.operation import AssessMapResult
from .operations.band_importance.operation import BandImportanceResult
from .operations.check_engine.operation import CheckEngineResult
from .operations.check_labels.operation import CheckLabelsResult
from .operations.classify_scene.operation import ClassifySceneResult
from .operations.classify_scenes.operation import ClassifyScenesResult
from .operations.clean_map.operation import CleanMapResult
from .operations.colour_scene.operation import ColourSceneResult
from .operations.compare_models.operation import CompareModelsResult
from .operations.denoise_scene.operation import DenoiseSceneResult
from .operations.explain_pixel.operation import ExplainPixelResult
from .operations.export_map.operation import ExportMapResult
from .operations.export_model.operation import ExportModelResult
from .operations.fit_pca.operation import FitPcaResult
from .operations.import_scene.operation import ImportSceneResult
from .operations.inspect_scene.operation import InspectSceneResult
from .operations.model_information.operation import ModelInformationResult
from .operations.preview.operation import PreviewResult
from .operations.run_demo.operation import RunDemoResult
from .operations.sample_reference_points.operation import SampleReferencePointsResult
from .operations.suggest_labels.operation import SuggestLabelsResult
from .operations.train_and_classify.operation import TrainAndClassifyResult
from .operations.train_classifier.operation import TrainClassifierResult
from .reporting import Reporter as Reporter
from .reporting import SilentReporter as SilentReporter

_Path = str | os.PathLike[str]

__version__: str

def inspect_scene(
    *,
    scene: _Path,
    statistics: bool = True,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    report: _Path | None = None,
    reporter: Reporter | None = None,
) -> InspectSceneResult:
    """Describe a scene: size, location, bands with their wavelengths, and how much of it has data.

    Parameters
    ----------
    scene : Raster file to describe, or an ENVI header.
    statistics : Also read the pixels: bands without data, share of valid pixels, range of values.
        Default: True.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    report : HTML page with pictures, mean spectrum, values, bands with the reasons why some are left
        out, and notes.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    InspectSceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def import_scene(
    *,
    scene: _Path,
    output: _Path,
    format: Literal["cog", "geotiff"] = "cog",
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    reporter: Reporter | None = None,
) -> ImportSceneResult:
    """Write a product as a GeoTIFF with wavelengths, scale and no data that QGIS and other programs read.

    Parameters
    ----------
    scene : File, folder or archive of a product, such as METADATA.XML, or any other scene.
    output : GeoTIFF to write, with all bands, and a QGIS style in false colour next to it.
    format : cog: with overviews, quick to draw at any scale and over the network; geotiff: without,
        smaller and sooner done. Default: cog.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ImportSceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def colour_scene(
    *,
    scene: _Path,
    composite: Literal["automatic", "true_colour", "near_infrared", "short_wave_infrared"] = "automatic",
    lower_percent: float = 2.0,
    upper_percent: float = 98.0,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    style: _Path | None = None,
    picture: _Path | None = None,
    image: _Path | None = None,
    reporter: Reporter | None = None,
) -> ColourSceneResult:
    """Show a scene in true colour, near infrared or short-wave infrared: bands by wavelength, stretched, as style or picture.

    Parameters
    ----------
    scene : Raster file to show, or an ENVI header.
    composite : Which part of the spectrum red, green and blue show; automatic: true colour if the
        wavelengths allow it. Default: automatic.
    lower_percent : Percentile of each band that is shown as black; lower values are black too. Unit: %.
        Default: 2.0.
    upper_percent : Percentile of each band that is shown at full brightness; higher values are too.
        Unit: %. Default: 98.0.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    style : QGIS style (.qml); if it has the name of the scene and lies next to it, QGIS opens the scene
        in these colours.
    picture : PNG picture of at most 1200 pixels, transparent without data.
    image : GeoTIFF of the whole scene with 8 bits each for red, green and blue; 0 without data.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ColourSceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def check_labels(
    *,
    scene: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    labels: _Path,
    report: _Path | None = None,
    problems: _Path | None = None,
    class_field: str | None = None,
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    bands: str | None = None,
    reporter: Reporter | None = None,
) -> CheckLabelsResult:
    """Check before training whether labels are good enough and what to add: spectra, separability, odd polygons.

    Parameters
    ----------
    scene : Scene that you want to map.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    report : HTML page with the verdict, class spectra, separability, and labels to look at.
    problems : GeoPackage of polygons and points to look at, with number, class and reason.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    bands : Bands to use, such as "1-100, 450-900nm". By default all good bands.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CheckLabelsResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def preview(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    output: _Path,
    class_field: str | None = None,
    extent: str | None = None,
    largest_size: int = 1024,
    cache: _Path | None = None,
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    bands: str | None = None,
    reporter: Reporter | None = None,
) -> PreviewResult:
    """Map a small part of a scene within seconds, with a quick method that is kept while scene and labels stay the same.

    Parameters
    ----------
    scene : The scene that is to be mapped.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    output : GeoTIFF to write: the map of the part, with a style for QGIS next to it.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    extent : The part to map: "xmin,ymin,xmax,ymax" in the CRS of the scene, or with a CRS at the end,
        "xmin,ymin,xmax,ymax,EPSG:4326". The middle 512×512 pixels of the scene if not given.
    largest_size : A part with longer sides is cut to its middle, so that a preview stays quick. Unit:
        px. Default: 1024.
    cache : Where trained preview models are kept for the next preview; a folder in your cache if not
        given.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    bands : Bands to use, such as "1-100, 450-900nm". By default all good bands.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    PreviewResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def train_classifier(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    more_labels: _Path | None = None,
    more_class_field: str | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    denoise: bool = False,
    denoiser: _Path | None = None,
    output: _Path,
    report: _Path | None = None,
    split_output: _Path | None = None,
    class_field: str | None = None,
    model: Literal[
        "auto",
        "logistic_regression",
        "lda",
        "svm",
        "random_forest",
        "spectral_cnn",
        "hybridsn",
        "hybridsn_separable",
        "hybridsn_mobilenet_v2",
        "hybridsn_mobilenet_v3",
        "hybridsn_se_resnet",
        "hybridsn_res2net",
        "hybridsn_strip_pooling",
        "hybridsn_attention",
        "mlp",
        "lenet",
        "alexnet",
        "zfnet",
        "vgg",
        "inception",
        "resnet",
        "cnn_2d",
        "cnn_3d",
        "m3d_cnn",
        "ssrn",
        "ssftt",
        "spectralformer",
        "two_sources",
    ] = "auto",
    effort: Literal["quick", "standard", "thorough"] = "standard",
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    min_samples: int = 1,
    small_classes: Literal["error", "drop"] = "error",
    split: Literal["folds", "blocks", "random", "polygons", "none"] = "folds",
    compare_split: Literal["none", "blocks", "random", "polygons"] = "none",
    split_source: _Path | None = None,
    split_field: str | None = None,
    train_share: float = 0.1,
    validation_share: float = 0.0,
    folds: int | None = None,
    match_distances: bool = False,
    smooth: bool = True,
    time_limit: float | None = None,
    block_size: int | None = None,
    bands: str | None = None,
    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = None,
    normalisation: Literal["none", "brightness", "derivative"] = "none",
    components: int | None = None,
    whiten: float | None = None,
    patch_size: int | None = None,
    model_options: str | None = None,
    init_from: _Path | None = None,
    freeze_features: bool = False,
    batch_norm: bool | None = None,
    squeeze_excitation: bool | None = None,
    dropout: float | None = None,
    modality_dropout: float | None = None,
    common_weight: float | None = None,
    invariance_weight: float | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    schedule: Literal["one_cycle", "step", "cosine", "constant"] | None = None,
    weight_decay: float | None = None,
    label_smoothing: float | None = None,
    class_weights: bool | None = None,
    fewest_draws: int | None = None,
    surround_dropout: float | None = None,
    augment: bool | None = None,
    patience: int | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto",
    processes: int = 1,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> TrainClassifierResult:
    """Find the best method for the labelled pixels of a scene, test it, and write a model file.

    Parameters
    ----------
    scene : Hyperspectral raster: GeoTIFF, ENVI or any other format GDAL can open.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    more_labels : Further polygons or points, such as those of Suggest where to label next; classes are
        matched by name, or by value where one side only numbers them. On pixels that have both, they
        take precedence.
    more_class_field : Field with the class of each further feature; detected automatically as that of
        the labels is.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    denoise : Fit a denoiser to the scene and train on the scene without noise. The model keeps the
        denoiser, and maps denoise their scene in the same way. Default: False.
    denoiser : Denoise the scene first with this denoiser file (.hsidenoiser) from Denoise scene instead
        of a new one.
    output : Model file to write (.hsimodel).
    report : HTML report with settings, split, learning curves and accuracies.
    split_output : GeoTIFF of the split: 1 training, 2 validation, 3 test; Assess map accepts it as a
        subset. With folds: 1 means used for training only; values from 11 up give the fold in which a
        pixel was tested.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    model : auto: compares several methods on the same test places, picks the best and trains it on all
        labels. Or choose one method. Default: auto.
    effort : How many methods the automatic choice compares. quick: seconds to minutes; standard:
        minutes; thorough: all methods including HybridSN, which takes longest. Default: standard.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    min_samples : Classes with fewer labelled pixels than this count as small classes. Unit: px.
        Default: 1.
    small_classes : Stop with an error, or leave small classes out. Default: error.
    split : folds: separate places, each tested by a model trained elsewhere; the map uses all labels.
        none: no check; the map uses all labels. The other checks train on part of the labels and test
        on the rest. blocks: separate places; polygons: whole polygons; random: single pixels, as in
        most of the literature, which leaks. Default: folds.
    compare_split : Train a second model on part of the labels, split in this way, for comparison only.
        Default: none.
    split_source : Raster or vector layer with 1 for training, 2 for validation and 3 for test; replaces
        the split above.
    split_field : Field of a vector split that holds these values.
    train_share : Share of the labelled pixels used for training, in checks that hold some back.
        Default: 0.1.
    validation_share : Share of the labelled pixels used to choose the best epoch of a network, in
        checks that hold some back. They are used for neither training nor testing. Default: 0.0.
    folds : Number of folds. By default 3 with quick effort, otherwise 5, or as many as the labels
        allow.
    match_distances : With separate places: of all folds that test as many classes, take those whose
        tested pixels are most nearly as far from training pixels as those of the map, not those with
        the largest blocks. Default: False.
    smooth : Smooth between neighbouring pixels, but not across edges in the scene, if that makes the
        tested pixels more accurate. Default: True.
    time_limit : Start no new method after this many minutes; the best of those compared by then is
        used. Unit: min.
    block_size : Side length of the blocks of a block split. By default chosen to fit the scene. Unit:
        px.
    bands : Bands to use, such as "1-100, 450-900nm". By default all good bands.
    reduction : Input of the method. bands: each with mean 0 and standard deviation 1; decorrelated: all
        their principal components; pca: the leading principal components; mnf: the components with
        least noise. Default: the method's own setting.
    normalisation : brightness: divide each spectrum by its root mean square over the bands, so that
        shade and slope play no part; derivative: the slope of the spectrum, which leaves its level out.
        Default: none.
    components : Number of principal or MNF components; the HybridSN paper uses 30 for Indian Pines, 15
        elsewhere. Default: the method's own setting.
    whiten : How far the variances of the components are equalised: 0 not at all, 0.5 halfway, 1 fully.
        Default: the method's own setting.
    patch_size : Width of the patch around each pixel that a network sees; the HybridSN paper uses 25.
        Default: the method's own setting. Unit: px.
    model_options : Options of the chosen method, as name=value separated by commas; the page of methods
        lists them. Example: attention=non_local, nodes=8.
    init_from : Start with the network of this model file instead of random weights, for a scene of the
        same sensor. Classes are matched by name; there may be fewer or new ones.
    freeze_features : Keep the convolutions of the model to start from as they are. For very few labels.
        Default: False.
    batch_norm : Normalise after every convolution of a network. Default: the method's own setting.
    squeeze_excitation : Reweight the channels after the last convolution of HybridSN (Hu et al. 2018).
    dropout : Share of the units of a network dropped at random during training. Default: the method's
        own setting.
    modality_dropout : Share of training pixels that one source alone has to classify, so that
        two_sources can map from either. Default: 0, both sources are always needed.
    common_weight : How much two_sources is trained to represent pixels of one class alike, within and
        between both sources. Default: 0.001.
    invariance_weight : How much two_sources is trained to represent a pixel alike from both sources.
        Default: 0.1.
    epochs : Passes over the training pixels when training a network. Default: the method's own setting.
    batch_size : Patches per training step of a network. Default: the method's own setting. Unit:
        patches.
    learning_rate : Peak learning rate when training a network. Default: the method's own setting.
    schedule : How the learning rate changes during training. one_cycle: warm-up, then cosine decay;
        cosine: decay only; step: ÷10 after 40 % and 75 % of the epochs, as in the reference recipe;
        constant: no change. Default: the method's own setting.
    weight_decay : Decoupled weight decay of a network (AdamW); 0 is plain Adam. Default: the method's
        own setting.
    label_smoothing : Share of each training target of a network that is spread over all classes.
        Default: the method's own setting.
    class_weights : Give rare classes more weight when training a network. Default: the method's own
        setting.
    fewest_draws : Repeat the pixels of small classes until each class is drawn at least this often per
        epoch; 0: each pixel once. Default: the method's own setting.
    surround_dropout : Share of training patches of which a network sees only the centre pixel. Default:
        the method's own setting; 0 if random pixels are tested.
    augment : Also train a network on flipped and rotated patches. Default: the method's own setting.
    patience : Stop after this many epochs without a better validation accuracy; needs a validation
        share. Unit: epochs.
    seed : Seed of all random numbers: split, initial weights, order, augmentation, dropout. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    precision : auto: float32, or mixed bfloat16 on GPUs that support it. Default: auto.
    processes : Processes that train a network together, one per GPU or all on the CPU. The batch size
        is that of all; the result is that of one process up to rounding. Methods are compared by one
        process. Default: 1.
    resume : Continue a stopped run that had the same settings. Default: False.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    TrainClassifierResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def classify_scene(
    *,
    scene: _Path,
    model: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    only_second: bool = False,
    output: _Path,
    unsmoothed: _Path | None = None,
    confidence: _Path | None = None,
    faded: _Path | None = None,
    probabilities: _Path | None = None,
    applicability: _Path | None = None,
    dissimilarity: _Path | None = None,
    set_size: _Path | None = None,
    sets: _Path | None = None,
    extent: str | None = None,
    mask: _Path | None = None,
    min_confidence: float = 0.0,
    coverage: float = 0.9,
    set_method: Literal["lac", "aps", "class"] = "lac",
    smooth: bool = True,
    cog: bool = False,
    memory_mb: int = 1024,
    tile_size: int | None = None,
    report: _Path | None = None,
    device: str = "auto",
    processes: int = 1,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> ClassifySceneResult:
    """Classify a scene with a trained model and write a GeoTIFF with class names and colours.

    Parameters
    ----------
    scene : Raster to classify. It must have the bands the model was trained on.
    model : Model file (.hsimodel) from Train classifier.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    only_second : The raster given as scene is the second raster of the model, which was trained with
        modality dropout. Default: False.
    output : GeoTIFF to write, with a QGIS style file next to it.
    unsmoothed : GeoTIFF of the classes before smoothing, with a QGIS style file.
    confidence : GeoTIFF of the highest class probability of each pixel, 0 to 1.
    faded : GeoTIFF of the map in its colours: opaque where the model is sure, transparent where it can
        only guess.
    probabilities : GeoTIFF with one probability band per class.
    applicability : GeoTIFF of where the scene is like the training pixels, as far as spectra tell: 1
        inside, 2 outside.
    dissimilarity : GeoTIFF of how unlike the training pixels a spectrum is: 0 equal, 1 as far as they
        are from one another.
    set_size : GeoTIFF of how many classes a pixel may have, with the coverage below: 1 certain, several
        undecided, 0 none fits.
    sets : GeoTIFF with one band per class: 1 where the class is in the set of the pixel, else 0.
    extent : Map only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the
        scene, or with a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".
    mask : Map only the pixels inside these polygons, or the non-zero pixels of this raster on the grid
        of the scene; all others are nodata in the map.
    min_confidence : Leave pixels with a lower confidence unclassified (0). Default: 0.0.
    coverage : Share of the pixels whose prediction set is to hold the right class, in places like those
        that were tested. Default: 0.9.
    set_method : lac: as few classes as possible. aps: more classes the harder a pixel is, with a random
        draw at the border. class: the coverage holds in each class with enough tested pixels. Default:
        lac.
    smooth : Smooth between neighbouring pixels, but not across edges in the scene, if that makes the
        tested pixels more accurate. Default: True.
    cog : Write all rasters as cloud-optimized GeoTIFFs (COG), which other programs read over a network
        part by part. Default: False.
    memory_mb : Memory budget for one tile; larger tiles are a little faster. Unit: MiB. Default: 1024.
    tile_size : Side length of the tiles. By default derived from the memory. It does not affect the
        map. Unit: px.
    report : HTML page with the map, the area of each class, and how accurate the model is.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    processes : Processes that map parts of the scene at the same time, each on a separate GPU if there
        are several. The map is the same. Default: 1.
    resume : Keep finished tiles if interrupted, and continue an interrupted run. Default: False.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ClassifySceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def classify_scenes(
    *,
    scenes: str,
    model: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    output: _Path,
    name: str = "{scene}_map",
    rasters: str = "",
    min_confidence: float = 0.0,
    coverage: float = 0.9,
    set_method: Literal["lac", "aps", "class"] = "lac",
    smooth: bool = True,
    cog: bool = False,
    tile_size: int | None = None,
    device: str = "auto",
    resume: bool = True,
    only: Literal["all", "failed"] = "all",
    dry_run: bool = False,
    processes: int | None = None,
    memory_mb: int | None = None,
    scheduler: str | None = None,
    dask_local: int | None = None,
    shard: str | None = None,
    write_slurm: _Path | None = None,
    reporter: Reporter | None = None,
) -> ClassifyScenesResult:
    """Classify all scenes of a folder or list with one model, resume a run that ended early, and report on each scene.

    Parameters
    ----------
    scenes : A folder, a pattern such as 'flights/*/*.hdr', a list of paths (.txt, one per line), or a
        STAC ItemCollection (.json).
    model : Model file (.hsimodel) from Train classifier.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    output : Folder of the maps, their records and the summary page; it is made if it does not exist.
    name : Name of each map without its ending; {scene}, {folder} and {model} stand for the names of
        scene, its folder and the model. Default: {scene}_map.
    rasters : Rasters for each scene in addition to its map, separated by commas: unsmoothed,
        confidence, faded, probabilities, applicability, dissimilarity, set_size, sets. Default: .
    min_confidence : Leave pixels with a lower confidence unclassified (0). Default: 0.0.
    coverage : Share of the pixels whose prediction set is to hold the right class, in places like those
        that were tested. Default: 0.9.
    set_method : lac: as few classes as possible. aps: more classes the harder a pixel is, with a random
        draw at the border. class: the coverage holds in each class with enough tested pixels. Default:
        lac.
    smooth : Smooth between neighbouring pixels, but not across edges in the scene, if that makes the
        tested pixels more accurate. Default: True.
    cog : Write all rasters as cloud-optimized GeoTIFFs (COG), which other programs read over a network
        part by part. Default: False.
    tile_size : Side length of the tiles. By default derived from the memory. It does not affect the
        map. Unit: px.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    resume : Skip scenes whose map was made with this model and these settings; otherwise every scene is
        mapped again. Default: True.
    only : all: every scene that has no map yet; failed: only those that failed in the last run.
        Default: all.
    dry_run : Map nothing: list what would run, what would be refused and why, and estimate time and
        disk space. Default: False.
    processes : Scenes that are mapped at the same time, each by a separate process. By default as many
        as cores and memory allow.
    memory_mb : Memory budget for the tiles of all processes of a machine together. By default derived
        from the free memory. Unit: MiB.
    scheduler : Address of the scheduler of a Dask cluster, whose workers map the scenes, such as
        tcp://10.0.0.5:8786.
    dask_local : Start a Dask cluster of so many workers on this machine, and map the scenes with it.
    shard : Map only every n-th scene from the i-th on, written i/n, such as 3/20; for job arrays. A run
        without it writes mosaics and summary at the end.
    write_slurm : Write a script for a SLURM job array that does this run, and map nothing.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ClassifyScenesResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def suggest_labels(
    *,
    scene: _Path,
    model: _Path,
    output: _Path,
    labels: _Path | None = None,
    more_labels: _Path | None = None,
    points: int = 50,
    uncertainty: Literal["margin", "entropy", "confidence", "none"] = "margin",
    dissimilarity: float = 0.2,
    balance: Literal["moderate", "equal", "none"] = "moderate",
    minimum_distance: float | None = None,
    window: int = 1,
    extent: str | None = None,
    mask: _Path | None = None,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    smooth: bool = True,
    memory_mb: int = 1024,
    tile_size: int | None = None,
    device: str = "auto",
    seed: int = 0,
    reporter: Reporter | None = None,
) -> SuggestLabelsResult:
    """Suggest points to label where a model is unsure, and the scene is unlike what it has seen.

    Parameters
    ----------
    scene : Raster in which labels are to be added. It must have the bands the model was trained on.
    model : Model file (.hsimodel) from Train classifier.
    output : GeoPackage of the points, with a form to label them.
    labels : Polygons, points or a raster of labels that there are already, such as those of the
        training: no point is suggested on them.
    more_labels : Further labels that there are already, such as those of an earlier round of
        suggestions.
    points : Points to suggest. Default: 50.
    uncertainty : How unsure the model is of a pixel, from its calibrated probabilities. Default:
        margin.
    dissimilarity : How much it counts that a spectrum is unlike those of the training, next to the
        uncertainty: 0 not at all, 1 alone. Default: 0.2.
    balance : Share points among the predicted classes by the square root of their pixels, equally, or
        not at all. Default: moderate.
    minimum_distance : Between any two points. By default half of what lies between as many points of a
        square lattice. Unit: m.
    window : Suggest squares of so many pixels a side instead of single pixels; a label is that of the
        whole square. Unit: px. Default: 1.
    extent : Suggest only pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the
        scene, or with a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".
    mask : Suggest only pixels inside these polygons, such as areas that can be reached, or the non-zero
        pixels of this raster on the grid of the scene.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    smooth : Smooth between neighbouring pixels, but not across edges in the scene, if that makes the
        tested pixels more accurate. Default: True.
    memory_mb : Memory budget for one tile; larger tiles are a little faster. Unit: MiB. Default: 1024.
    tile_size : Side length of the tiles. By default derived from the memory. It does not affect the
        points. Unit: px.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    seed : Seed of all random draws: the same seed suggests the same points. Default: 0.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    SuggestLabelsResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def train_and_classify(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    more_labels: _Path | None = None,
    more_class_field: str | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    denoise: bool = False,
    denoiser: _Path | None = None,
    output: _Path,
    unsmoothed: _Path | None = None,
    confidence: _Path | None = None,
    faded: _Path | None = None,
    probabilities: _Path | None = None,
    applicability: _Path | None = None,
    dissimilarity: _Path | None = None,
    set_size: _Path | None = None,
    sets: _Path | None = None,
    model_output: _Path,
    report: _Path | None = None,
    split_output: _Path | None = None,
    class_field: str | None = None,
    model: Literal[
        "auto",
        "logistic_regression",
        "lda",
        "svm",
        "random_forest",
        "spectral_cnn",
        "hybridsn",
        "hybridsn_separable",
        "hybridsn_mobilenet_v2",
        "hybridsn_mobilenet_v3",
        "hybridsn_se_resnet",
        "hybridsn_res2net",
        "hybridsn_strip_pooling",
        "hybridsn_attention",
        "mlp",
        "lenet",
        "alexnet",
        "zfnet",
        "vgg",
        "inception",
        "resnet",
        "cnn_2d",
        "cnn_3d",
        "m3d_cnn",
        "ssrn",
        "ssftt",
        "spectralformer",
        "two_sources",
    ] = "auto",
    effort: Literal["quick", "standard", "thorough"] = "standard",
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    min_samples: int = 1,
    small_classes: Literal["error", "drop"] = "error",
    split: Literal["folds", "blocks", "random", "polygons", "none"] = "folds",
    compare_split: Literal["none", "blocks", "random", "polygons"] = "none",
    split_source: _Path | None = None,
    split_field: str | None = None,
    train_share: float = 0.1,
    validation_share: float = 0.0,
    folds: int | None = None,
    match_distances: bool = False,
    smooth: bool = True,
    time_limit: float | None = None,
    block_size: int | None = None,
    bands: str | None = None,
    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = None,
    normalisation: Literal["none", "brightness", "derivative"] = "none",
    components: int | None = None,
    whiten: float | None = None,
    patch_size: int | None = None,
    model_options: str | None = None,
    init_from: _Path | None = None,
    freeze_features: bool = False,
    batch_norm: bool | None = None,
    squeeze_excitation: bool | None = None,
    dropout: float | None = None,
    modality_dropout: float | None = None,
    common_weight: float | None = None,
    invariance_weight: float | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    schedule: Literal["one_cycle", "step", "cosine", "constant"] | None = None,
    weight_decay: float | None = None,
    label_smoothing: float | None = None,
    class_weights: bool | None = None,
    fewest_draws: int | None = None,
    surround_dropout: float | None = None,
    augment: bool | None = None,
    patience: int | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto",
    processes: int = 1,
    resume: bool = False,
    extent: str | None = None,
    mask: _Path | None = None,
    min_confidence: float = 0.0,
    coverage: float = 0.9,
    set_method: Literal["lac", "aps", "class"] = "lac",
    cog: bool = False,
    memory_mb: int = 1024,
    tile_size: int | None = None,
    reporter: Reporter | None = None,
) -> TrainAndClassifyResult:
    """Make a class map from a scene and labels in one go, with its model and a report.

    Parameters
    ----------
    scene : Hyperspectral raster: GeoTIFF, ENVI or any other format GDAL can open.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    more_labels : Further polygons or points, such as those of Suggest where to label next; classes are
        matched by name, or by value where one side only numbers them. On pixels that have both, they
        take precedence.
    more_class_field : Field with the class of each further feature; detected automatically as that of
        the labels is.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    denoise : Fit a denoiser to the scene and train on the scene without noise. The model keeps the
        denoiser, and maps denoise their scene in the same way. Default: False.
    denoiser : Denoise the scene first with this denoiser file (.hsidenoiser) from Denoise scene instead
        of a new one.
    output : GeoTIFF to write, with a QGIS style file next to it.
    unsmoothed : GeoTIFF of the classes before smoothing, with a QGIS style file.
    confidence : GeoTIFF of the highest class probability of each pixel, 0 to 1.
    faded : GeoTIFF of the map in its colours: opaque where the model is sure, transparent where it can
        only guess.
    probabilities : GeoTIFF with one probability band per class.
    applicability : GeoTIFF of where the scene is like the training pixels, as far as spectra tell: 1
        inside, 2 outside.
    dissimilarity : GeoTIFF of how unlike the training pixels a spectrum is: 0 equal, 1 as far as they
        are from one another.
    set_size : GeoTIFF of how many classes a pixel may have, with the coverage below: 1 certain, several
        undecided, 0 none fits.
    sets : GeoTIFF with one band per class: 1 where the class is in the set of the pixel, else 0.
    model_output : Model file to write (.hsimodel); it can also map other scenes of the same sensor.
    report : HTML report with settings, split, learning curves and accuracies.
    split_output : GeoTIFF of the split: 1 training, 2 validation, 3 test; Assess map accepts it as a
        subset. With folds: 1 means used for training only; values from 11 up give the fold in which a
        pixel was tested.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    model : auto: compares several methods on the same test places, picks the best and trains it on all
        labels. Or choose one method. Default: auto.
    effort : How many methods the automatic choice compares. quick: seconds to minutes; standard:
        minutes; thorough: all methods including HybridSN, which takes longest. Default: standard.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    min_samples : Classes with fewer labelled pixels than this count as small classes. Unit: px.
        Default: 1.
    small_classes : Stop with an error, or leave small classes out. Default: error.
    split : folds: separate places, each tested by a model trained elsewhere; the map uses all labels.
        none: no check; the map uses all labels. The other checks train on part of the labels and test
        on the rest. blocks: separate places; polygons: whole polygons; random: single pixels, as in
        most of the literature, which leaks. Default: folds.
    compare_split : Train a second model on part of the labels, split in this way, for comparison only.
        Default: none.
    split_source : Raster or vector layer with 1 for training, 2 for validation and 3 for test; replaces
        the split above.
    split_field : Field of a vector split that holds these values.
    train_share : Share of the labelled pixels used for training, in checks that hold some back.
        Default: 0.1.
    validation_share : Share of the labelled pixels used to choose the best epoch of a network, in
        checks that hold some back. They are used for neither training nor testing. Default: 0.0.
    folds : Number of folds. By default 3 with quick effort, otherwise 5, or as many as the labels
        allow.
    match_distances : With separate places: of all folds that test as many classes, take those whose
        tested pixels are most nearly as far from training pixels as those of the map, not those with
        the largest blocks. Default: False.
    smooth : Smooth between neighbouring pixels, but not across edges in the scene, if that makes the
        tested pixels more accurate. Default: True.
    time_limit : Start no new method after this many minutes; the best of those compared by then is
        used. Unit: min.
    block_size : Side length of the blocks of a block split. By default chosen to fit the scene. Unit:
        px.
    bands : Bands to use, such as "1-100, 450-900nm". By default all good bands.
    reduction : Input of the method. bands: each with mean 0 and standard deviation 1; decorrelated: all
        their principal components; pca: the leading principal components; mnf: the components with
        least noise. Default: the method's own setting.
    normalisation : brightness: divide each spectrum by its root mean square over the bands, so that
        shade and slope play no part; derivative: the slope of the spectrum, which leaves its level out.
        Default: none.
    components : Number of principal or MNF components; the HybridSN paper uses 30 for Indian Pines, 15
        elsewhere. Default: the method's own setting.
    whiten : How far the variances of the components are equalised: 0 not at all, 0.5 halfway, 1 fully.
        Default: the method's own setting.
    patch_size : Width of the patch around each pixel that a network sees; the HybridSN paper uses 25.
        Default: the method's own setting. Unit: px.
    model_options : Options of the chosen method, as name=value separated by commas; the page of methods
        lists them. Example: attention=non_local, nodes=8.
    init_from : Start with the network of this model file instead of random weights, for a scene of the
        same sensor. Classes are matched by name; there may be fewer or new ones.
    freeze_features : Keep the convolutions of the model to start from as they are. For very few labels.
        Default: False.
    batch_norm : Normalise after every convolution of a network. Default: the method's own setting.
    squeeze_excitation : Reweight the channels after the last convolution of HybridSN (Hu et al. 2018).
    dropout : Share of the units of a network dropped at random during training. Default: the method's
        own setting.
    modality_dropout : Share of training pixels that one source alone has to classify, so that
        two_sources can map from either. Default: 0, both sources are always needed.
    common_weight : How much two_sources is trained to represent pixels of one class alike, within and
        between both sources. Default: 0.001.
    invariance_weight : How much two_sources is trained to represent a pixel alike from both sources.
        Default: 0.1.
    epochs : Passes over the training pixels when training a network. Default: the method's own setting.
    batch_size : Patches per training step of a network. Default: the method's own setting. Unit:
        patches.
    learning_rate : Peak learning rate when training a network. Default: the method's own setting.
    schedule : How the learning rate changes during training. one_cycle: warm-up, then cosine decay;
        cosine: decay only; step: ÷10 after 40 % and 75 % of the epochs, as in the reference recipe;
        constant: no change. Default: the method's own setting.
    weight_decay : Decoupled weight decay of a network (AdamW); 0 is plain Adam. Default: the method's
        own setting.
    label_smoothing : Share of each training target of a network that is spread over all classes.
        Default: the method's own setting.
    class_weights : Give rare classes more weight when training a network. Default: the method's own
        setting.
    fewest_draws : Repeat the pixels of small classes until each class is drawn at least this often per
        epoch; 0: each pixel once. Default: the method's own setting.
    surround_dropout : Share of training patches of which a network sees only the centre pixel. Default:
        the method's own setting; 0 if random pixels are tested.
    augment : Also train a network on flipped and rotated patches. Default: the method's own setting.
    patience : Stop after this many epochs without a better validation accuracy; needs a validation
        share. Unit: epochs.
    seed : Seed of all random numbers: split, initial weights, order, augmentation, dropout. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    precision : auto: float32, or mixed bfloat16 on GPUs that support it. Default: auto.
    processes : Processes that train a network together, one per GPU or all on the CPU. The batch size
        is that of all; the result is that of one process up to rounding. Methods are compared by one
        process. Default: 1.
    resume : Continue a stopped run that had the same settings, and keep finished tiles. Default: False.
    extent : Map only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the
        scene, or with a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".
    mask : Map only the pixels inside these polygons, or the non-zero pixels of this raster on the grid
        of the scene; all others are nodata in the map.
    min_confidence : Leave pixels with a lower confidence unclassified (0). Default: 0.0.
    coverage : Share of the pixels whose prediction set is to hold the right class, in places like those
        that were tested. Default: 0.9.
    set_method : lac: as few classes as possible. aps: more classes the harder a pixel is, with a random
        draw at the border. class: the coverage holds in each class with enough tested pixels. Default:
        lac.
    cog : Write all rasters as cloud-optimized GeoTIFFs (COG), which other programs read over a network
        part by part. Default: False.
    memory_mb : Memory budget for one tile; larger tiles are a little faster. Unit: MiB. Default: 1024.
    tile_size : Side length of the tiles. By default derived from the memory. It does not affect the
        map. Unit: px.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    TrainAndClassifyResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def explain_pixel(
    *,
    scene: _Path,
    model: _Path,
    position: str | None = None,
    row: int | None = None,
    col: int | None = None,
    coverage: float = 0.9,
    set_method: Literal["lac", "aps", "class"] = "lac",
    smooth: bool = True,
    nearest: int = 5,
    labels: _Path | None = None,
    class_field: str | None = None,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    only_second: bool = False,
    device: str = "auto",
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    report: _Path | None = None,
    reporter: Reporter | None = None,
) -> ExplainPixelResult:
    """Explain why a pixel has its class: probabilities, its spectrum against the classes, and the most similar training pixels.

    Parameters
    ----------
    scene : The scene that the pixel belongs to.
    model : Model file (.hsimodel) from Train classifier.
    position : The pixel at these map coordinates: "x,y" in the CRS of the scene, or "x,y,EPSG:4326".
    row : Row of the pixel, from 0, instead of a position.
    col : Column of the pixel, from 0, instead of a position.
    coverage : Share of the pixels whose prediction set is to hold the right class, in places like those
        that were tested. Default: 0.9.
    set_method : lac: as few classes as possible. aps: more classes the harder a pixel is, with a random
        draw at the border. class: the coverage holds in each class with enough tested pixels. Default:
        lac.
    smooth : Explain the class of the smoothed map, which is what Classify scene writes unless told
        otherwise. Default: True.
    nearest : How many of the training pixels with the most similar spectra are listed. Default: 5.
    labels : Polygons, points or a raster of classes in this scene: the spectrum is compared with their
        pixels instead of those that the model keeps. Needed for models of earlier versions, which keep
        none.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    only_second : The raster given as scene is the second raster of the model, which was trained with
        modality dropout. Default: False.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    report : HTML page with the probabilities, the spectrum against those of the classes, and the
        nearest training pixels.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ExplainPixelResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def band_importance(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    more_labels: _Path | None = None,
    more_class_field: str | None = None,
    model: _Path,
    report: _Path | None = None,
    table: _Path | None = None,
    class_field: str | None = None,
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    repeats: int = 5,
    groups: int = 20,
    correlation: float = 0.98,
    pixels: int = 1000,
    folds: int = 3,
    block_size: int | None = None,
    seed: int = 0,
    device: str = "auto",
    reporter: Reporter | None = None,
) -> BandImportanceResult:
    """Find out which bands a model needs: how much accuracy held-out pixels lose if groups of neighbouring bands are permuted.

    Parameters
    ----------
    scene : Hyperspectral raster: GeoTIFF, ENVI or any other format GDAL can open.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    more_labels : Further polygons or points, such as those of Suggest where to label next; classes are
        matched by name, or by value where one side only numbers them. On pixels that have both, they
        take precedence.
    more_class_field : Field with the class of each further feature; detected automatically as that of
        the labels is.
    model : Model file (.hsimodel) whose method and settings are examined; it is trained again on a part
        of the labels.
    report : HTML page with the importance of the bands over their wavelengths.
    table : CSV with a row for each group of bands and each component.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    repeats : How often each group of bands is permuted; mean and standard deviation are over the
        repeats. Default: 5.
    groups : Neighbouring bands are grouped until there are at most so many groups. Default: 20.
    correlation : Neighbouring groups of bands whose values correlate so much over the labelled pixels
        are one group. Default: 0.98.
    pixels : At most so many held-out pixels are used, as many of each class if possible. Default: 1000.
    folds : The method is trained so many times, each time without one fold of the labels; fewer if the
        labels allow no more. Default: 3.
    block_size : Side length of the blocks that folds are made of. Unit: px.
    seed : Seed of all random numbers: split, initial weights, order, augmentation, dropout. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    BandImportanceResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def compare_models(
    *,
    scene: _Path,
    labels: _Path,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    results: _Path,
    report: _Path | None = None,
    class_field: str | None = None,
    models: str = "lda, svm, spectral_cnn",
    seeds: int = 3,
    split: Literal["folds", "random"] = "folds",
    name_field: str | None = None,
    color_field: str | None = None,
    layer: str | None = None,
    legend: _Path | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    bands: str | None = None,
    folds: int | None = None,
    block_size: int | None = None,
    match_distances: bool = False,
    train_share: float = 0.1,
    epochs: int | None = None,
    min_samples: int = 1,
    small_classes: Literal["error", "drop"] = "error",
    seed: int = 0,
    device: str = "auto",
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto",
    reporter: Reporter | None = None,
) -> CompareModelsResult:
    """Train several models with several seeds on the same folds of a scene, and test which one is better.

    Parameters
    ----------
    scene : Hyperspectral raster: GeoTIFF, ENVI or any other format GDAL can open.
    labels : Polygons or points in any vector file, or a raster of class values (0: unlabelled).
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    results : JSON file with all figures. A folder of this name with .parts next to it keeps finished
        trainings until all are done.
    report : HTML report with tables, tests and what they cover.
    class_field : Field with the class of each feature. Integers are used as class values; names are
        numbered automatically.
    models : Names of two models or more, separated by commas, each with settings in brackets if you
        want others than its own: lda, svm, hybridsn(patch_size=11, epochs=20). The page of methods
        lists them. Default: lda, svm, spectral_cnn.
    seeds : How often everything is repeated, each time with other folds and other random weights, the
        same for all models. Default: 3.
    split : folds: each place is tested by models that were trained elsewhere. random: single pixels, as
        in most of the literature, which leaks. Default: folds.
    name_field : Field with class names; detected automatically if it is named class_name, name or
        label.
    color_field : Field with class colours as #rrggbb; detected automatically if it is named color or
        colour.
    layer : Layer to read, if the vector file has several.
    legend : Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr).
        Class numbers that it lacks keep their number as name; class names that it lacks are refused.
    overlap : Label of a pixel covered by polygons of different classes: none, the first, the last; or
        stop with an error. Default: drop.
    all_touched : Label every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a label raster that is not on the grid of the scene. Default: refuse.
    bands : Bands to use, such as "1-100, 450-900nm". By default all good bands.
    folds : Number of folds. By default 5, or as many as the labels allow.
    block_size : Side length of the blocks that folds are made of. Unit: px.
    match_distances : With separate places: of all folds that test as many classes, take those whose
        tested pixels are most nearly as far from training pixels as those of the map, not those with
        the largest blocks. Default: False.
    train_share : Share of the labelled pixels used for training if random pixels are tested. Default:
        0.1.
    epochs : Passes over the training pixels for all networks that have no epochs in brackets. Default:
        each model's own setting.
    min_samples : Classes with fewer labelled pixels than this count as small classes. Unit: px.
        Default: 1.
    small_classes : Stop with an error, or leave small classes out. Default: error.
    seed : First seed of all random numbers; the others count up from it. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    precision : auto: float32, or mixed bfloat16 on GPUs that support it. Default: auto.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CompareModelsResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def model_information(
    *,
    model: _Path,
    scene: _Path | None = None,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    report: _Path | None = None,
    reporter: Reporter | None = None,
) -> ModelInformationResult:
    """Describe a model file: what it is, how accurate and how that was measured, and whether it fits a scene.

    Parameters
    ----------
    model : Model file (.hsimodel) to describe.
    scene : Scene to compare the model with: whether it fits, or why not.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    report : HTML page: whether the model fits the scene, its classes with their accuracy, and what it
        was trained on.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ModelInformationResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def export_model(
    *,
    model: _Path,
    onnx: _Path | None = None,
    dense: _Path | None = None,
    stac: _Path | None = None,
    card: _Path | None = None,
    scene: _Path | None = None,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    second: _Path | None = None,
    resample_second: Literal["nearest", "bilinear"] | None = None,
    reporter: Reporter | None = None,
) -> ExportModelResult:
    """Write a model for other programs: ONNX graphs that were compared with it, a STAC item, a model card.

    Parameters
    ----------
    model : Model file (.hsimodel) to export.
    onnx : Graph that takes single patches of the scene's values and returns scores and probabilities.
    dense : Graph that takes images of any size and returns scores and probabilities of the same size.
    stac : JSON description of the model with the Machine Learning Model extension, for catalogues.
    card : Markdown page for people: purpose, classes, training, accuracy and how it was measured,
        limits.
    scene : Scene on whose pixels the graphs are compared with the model; by default spectra like those
        of the training.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    second : Raster of the same place next to the scene, such as elevation, lidar, multispectral or
        radar, for the method two_sources.
    resample_second : If its pixels are not those of the scene. bilinear: for measurements; nearest: for
        classes. By default such a raster is refused.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ExportModelResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def sample_reference_points(
    *,
    map: _Path,
    output: _Path | None = None,
    points: int = 300,
    design: Literal["stratified", "simple", "systematic"] = "stratified",
    target_error: float | None = None,
    expected_accuracy: str = "0.85",
    allocation: Literal["proportional", "equal"] = "proportional",
    minimum_per_stratum: int = 10,
    strata: _Path | None = None,
    strata_field: str | None = None,
    cross_classes: bool = True,
    minimum_distance: float | None = None,
    pure_neighbourhood: bool = False,
    extent: str | None = None,
    mask: _Path | None = None,
    legend: _Path | None = None,
    seed: int = 0,
    reporter: Reporter | None = None,
) -> SampleReferencePointsResult:
    """Draw random points over a class map whose classes on the ground are then labelled, for an accuracy one can defend.

    Parameters
    ----------
    map : Single-band raster of class values that is to be assessed; 0 and nodata mean no class.
    output : GeoPackage of the points, the only format that holds design and form in the same file;
        without it only the number of points is worked out.
    points : Points to draw in all; not used with a target standard error. Default: 300.
    design : Random points in each class of the map, random points anywhere, or a square lattice of
        points with a random start. Default: stratified.
    target_error : Draw as many points as give the overall accuracy this standard error, such as 0.01.
    expected_accuracy : User's accuracy that is expected, for the number of points: 0.85 for all
        classes, one share for each class in order, or by name, as in wheat=0.9, water=0.98, 0.8 (for
        all others). Default: 0.85.
    allocation : Share points among the strata in proportion to their size, for overall accuracy and
        areas, or equally, for the accuracy of each class. Default: proportional.
    minimum_per_stratum : Each stratum gets at least as many points; smaller strata are taken whole.
        Default: 10.
    strata : Areas such as districts that are sampled separately: polygons, or a raster of whole numbers
        on the grid of the map.
    strata_field : Field of the polygons with the name of the area.
    cross_classes : With a layer of strata, sample each class in each area; otherwise each area as a
        whole. Default: True.
    minimum_distance : Between any two points. It makes crowded pixels less likely to be drawn, which
        the inclusion probabilities in the file do not reflect. Unit: m.
    pure_neighbourhood : Draw only pixels whose eight neighbours are of their class. Easier to label,
        but accuracies come out too high, as maps err at borders. Default: False.
    extent : Sample only the pixels that this rectangle touches: "xmin,ymin,xmax,ymax" in the CRS of the
        map, or with a CRS at the end, "xmin,ymin,xmax,ymax,EPSG:4326".
    mask : Sample only inside these polygons, or in the non-zero pixels of this raster on the grid of
        the map.
    legend : JSON file or QGIS style (.qml) with class values, names and colours to use instead of those
        of the map.
    seed : Seed of all random draws: the same seed draws the same points. Default: 0.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    SampleReferencePointsResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def assess_map(
    *,
    map: _Path,
    reference: _Path,
    report: _Path | None = None,
    picture: _Path | None = None,
    metrics: _Path | None = None,
    table: _Path | None = None,
    class_field: str | None = None,
    design: Literal["auto", "none", "simple", "systematic", "stratified", "post_stratified"] = "auto",
    other_maps: str | None = None,
    interpreter_fields: str | None = None,
    stratum_field: str | None = None,
    strata: _Path | None = None,
    interval: Literal["wilson", "clopper_pearson", "wald"] = "wilson",
    subset: _Path | None = None,
    subset_value: int = 3,
    subset_field: str | None = None,
    model: _Path | None = None,
    scene: _Path | None = None,
    unclassified: Literal["wrong", "leave_out"] = "wrong",
    layer: str | None = None,
    overlap: Literal["drop", "first", "last", "error"] = "drop",
    all_touched: bool = False,
    resampling: Literal["refuse", "nearest", "majority"] = "refuse",
    legend: _Path | None = None,
    reporter: Reporter | None = None,
) -> AssessMapResult:
    """Measure how accurate a class map is: accuracies, class areas and their intervals from reference points drawn at random, or how it agrees with any other reference.

    Parameters
    ----------
    map : Raster of class values to assess.
    reference : Places whose class is known: polygons or points, or a raster of class values (0:
        unknown).
    report : HTML report with all accuracies, the confusion matrix and the map; with a sample also class
        areas.
    picture : PNG of the map with its legend; if the scene is given, next to it in false colour.
    metrics : JSON file with all accuracies.
    table : CSV file with one row per class: accuracies and confusion matrix.
    class_field : Field with the class of each feature: class values of the map, or its class names.
    design : How the reference points were drawn. Only points drawn at random show how accurate the map
        is as a whole, with intervals and areas; a file from Sample reference points states its design
        itself. Default: auto.
    other_maps : Further class maps to assess with the same points and to compare with the map: paths,
        separated by semicolons.
    interpreter_fields : Fields of the points in which further interpreters wrote the class, separated
        by commas; how far all agree is reported.
    stratum_field : Field of the points with the stratum, if strata are not the classes of the map.
    strata : CSV file with the columns stratum and pixels: how many pixels of the map each stratum has.
    interval : How the 95 % intervals of a sample are computed; the last is too narrow near 0 and 100 %.
        Default: wilson.
    subset : Raster or vector layer that limits which pixels are assessed, such as the split raster from
        training.
    subset_value : Only pixels with this value in the subset are assessed; in a split raster 1 is
        training, 2 validation, 3 test. Default: 3.
    subset_field : Field of a vector subset that holds these values.
    model : Model that made the map; used to recognise the pixels it was trained on, and for the report.
    scene : Scene that was mapped; report and picture show it in false colour next to the map.
    unclassified : How to count reference pixels that have no class in the map: as wrong, or not at all.
        Default: wrong.
    layer : Layer to read, if the vector file has several.
    overlap : Reference class of a pixel covered by polygons of different classes: none, the first, the
        last; or stop with an error. Default: drop.
    all_touched : Use every pixel a polygon touches, not only those whose centre lies inside. Default:
        False.
    resampling : How to resample a reference raster that is not on the grid of the map. Default: refuse.
    legend : JSON file, QGIS style (.qml) or colour file (.clr) with class values, names and colours to
        use instead of those of the map.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    AssessMapResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def clean_map(
    *,
    map: _Path,
    output: _Path | None = None,
    table: _Path | None = None,
    majority: int | None = None,
    min_area: float | None = None,
    area_unit: Literal["ha", "m2", "px"] = "ha",
    legend: _Path | None = None,
    reporter: Reporter | None = None,
) -> CleanMapResult:
    """Remove specks from a class map, and measure the area of each class before and after.

    Parameters
    ----------
    map : Single-band raster of class values, from this or any other program; 0 and nodata mean no
        class.
    output : GeoTIFF to write, with the classes of the map and a QGIS style file; not needed to measure
        areas only.
    table : CSV file with one row per class: pixels, hectares and share, before and after.
    majority : Width of the window whose most frequent class each pixel takes. In a tie a pixel keeps
        its class if it is among the most frequent, otherwise it takes the smallest value. Unit: px.
    min_area : Areas smaller than this take the class with which they share the longest border.
    area_unit : Hectares, square metres or pixels; for a map without a CRS only pixels. Default: ha.
    legend : JSON file, QGIS style (.qml) or colour file (.clr) with class values, names and colours to
        use instead of those of the map.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CleanMapResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def export_map(
    *,
    map: _Path,
    cog: _Path | None = None,
    polygons: _Path | None = None,
    legend_file: _Path | None = None,
    min_area: float | None = None,
    area_unit: Literal["ha", "m2", "px"] = "ha",
    legend: _Path | None = None,
    reporter: Reporter | None = None,
) -> ExportMapResult:
    """Write a class map for other programs: as a cloud optimized GeoTIFF, as polygons, and its legend as a file.

    Parameters
    ----------
    map : Single-band raster of class values, from this or any other program; 0 and nodata mean no
        class.
    cog : COG to write, with overviews, colours and class names in the file, and a QGIS style next to
        it.
    polygons : GeoPackage to write, with one feature for each area of a class: its class value, class
        name, colour, pixels and area, and the style of the map.
    legend_file : Legend to write, as the ending of its name says: .sld for map servers, .json, .csv,
        .clr for programs of ESRI and GRASS, .qml for QGIS.
    min_area : Areas smaller than this take the class with which they share the longest border before
        the polygons are drawn; the COG stays as the map.
    area_unit : Hectares, square metres or pixels; for a map without a CRS only pixels. Default: ha.
    legend : JSON file, QGIS style (.qml) or colour file (.clr) with class values, names and colours to
        use instead of those of the map.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    ExportMapResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def denoise_scene(
    *,
    scene: _Path,
    output: _Path,
    model: _Path | None = None,
    model_output: _Path | None = None,
    bands: str | None = None,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    steps: int = 300,
    memory_mb: int = 512,
    seed: int = 0,
    device: str = "auto",
    reporter: Reporter | None = None,
) -> DenoiseSceneResult:
    """Remove the noise of a hyperspectral scene and write the scene with the same bands and data type.

    Parameters
    ----------
    scene : Hyperspectral raster with at least 10 bands to denoise.
    output : GeoTIFF to write, with the bands, wavelengths and data type of the scene.
    model : Denoiser file (.hsidenoiser) from another run. By default one is trained on the scene
        itself.
    model_output : Denoiser file to write, for other scenes of the same sensor and processing.
    bands : Bands to denoise, such as "1-100, 450-900nm". By default all good bands; others are copied.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    steps : Training steps of the network. 0: only the linear filter, which takes seconds. Ignored with
        a denoiser from a file. Default: 300.
    memory_mb : Memory budget for the parts of the scene that are held at once. It does not affect the
        result. Unit: MiB. Default: 512.
    seed : Seed of all random numbers in training. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    DenoiseSceneResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def fit_pca(
    *,
    scene: _Path,
    output: _Path,
    components: int = 10,
    whiten: bool = False,
    bands: str | None = None,
    nodata: float | None = None,
    quality: Literal["mask", "keep"] = "mask",
    detector_overlap: Literal["vnir", "swir", "both"] = "vnir",
    wavelengths: _Path | None = None,
    statistics: _Path | None = None,
    reporter: Reporter | None = None,
) -> FitPcaResult:
    """Reduce the bands of a scene to its principal components and write them as a raster.

    Parameters
    ----------
    scene : Raster whose bands are to be reduced.
    output : GeoTIFF to write, one float32 band per component, NaN for nodata.
    components : Number of principal components to write. Default: 10.
    whiten : Scale every component to unit variance. Default: False.
    bands : Bands to use, such as "1-100, 450-900nm". By default all good bands.
    nodata : Value that means no data in every band, in addition to those the file declares; such as
        -9999.
    quality : For products that mark clouds. mask: pixels under clouds and their shadows count as no
        data; keep: they are used like all others. Default: mask.
    detector_overlap : Which bands are used at wavelengths that both detectors of EnMAP or PRISMA cover.
        Default: vnir.
    wavelengths : Text file with one wavelength per line and the unit in its first line, for a scene
        that states none.
    statistics : JSON file to write: mean spectrum, loadings and explained variance.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    FitPcaResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def run_demo(
    *,
    output: _Path = "demo_output",
    effort: Literal["quick", "standard", "thorough"] = "quick",
    seed: int = 0,
    device: str = "auto",
    reporter: Reporter | None = None,
) -> RunDemoResult:
    """Run the whole job on a real scene, Indian Pines: write it, choose the best method, train it and map.

    Parameters
    ----------
    output : Folder for all outputs; it is created if it does not exist. Default: demo_output.
    effort : How many methods are compared. Default: quick.
    seed : Seed of all random numbers. Default: 0.
    device : auto, cpu, cuda, cuda:0, cuda:1, … or mps. Default: auto.
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    RunDemoResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """

def check_engine(
    *,
    reporter: Reporter | None = None,
) -> CheckEngineResult:
    """Load all libraries, try every device, train on and map a small synthetic scene, and list installed versions.

    Parameters
    ----------
    reporter : receives progress and warnings, and can cancel; silent by default.

    Returns
    -------
    CheckEngineResult

    Raises
    ------
    HsiError
        with a message, a code and a hint, for anything wrong with the input.
    """
